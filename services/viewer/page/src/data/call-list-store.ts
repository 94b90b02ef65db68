import type { LiveEvent } from '../../../api/types.ts';
import { addPage, applyToList, type CallList, createCallList, renewList } from '../model/call-list.ts';
import { ApiFailure, listCalls } from './api.ts';
import type { Live } from './live.ts';

/** What the list of calls shows; `list` stays while a later request fails. */
type CallListState = {
  readonly list: CallList | null;
  readonly failure: ApiFailure | null;
  readonly isLoading: boolean;
};

/** The list of calls, kept for the page's whole life: going back to it shows it at once. */
export type CallListStore = {
  readonly state: () => CallListState;
  /** @returns stops listening */
  readonly subscribe: (onChange: () => void) => () => void;
  /** Fetches the newest page; calls that came live stay. */
  readonly reload: () => Promise<void>;
  readonly loadOlder: () => Promise<void>;
};

/** Fetches the calls and keeps them up to date from the live stream. */
export function startCallList(live: Live): CallListStore {
  const listeners = new Set<() => void>();
  let state: CallListState = { list: null, failure: null, isLoading: false };
  let sinceRequest: LiveEvent[] = [];
  let isStale = false;
  const set = (next: Partial<CallListState>) => {
    state = { ...state, ...next };
    for (const onChange of listeners) onChange();
  };
  const request = async (before: number | null): Promise<void> => {
    if (state.isLoading) {
      // The answer under way may be older than what made this request necessary: it is asked again afterwards.
      if (before === null) isStale = true;
      return;
    }
    sinceRequest = [];
    set({ isLoading: true });
    try {
      const page = await listCalls(before);
      const add = before === null ? renewList : addPage;
      const list = state.list ? add(state.list, page) : createCallList(page);
      // Events that came while the answer was on its way are newer than it.
      set({ list: applyToList(list, sinceRequest), failure: null, isLoading: false });
    } catch (failure) {
      set({
        failure: failure instanceof ApiFailure ? failure : new ApiFailure('server', String(failure)),
        isLoading: false,
      });
    }
    if (!isStale) return;
    isStale = false;
    await request(null);
  };
  const reload = () => request(null);
  live.listen((events) => {
    if (state.isLoading) sinceRequest.push(...events);
    // A list that nobody has opened yet is fetched when it is.
    const isWanted = state.list !== null || state.isLoading;
    if (isWanted && events.some(({ event }) => event === 'resync')) void reload();
    const list = state.list && applyToList(state.list, events);
    if (list && list !== state.list) set({ list });
  });
  live.listenState(() => {
    if (live.state() === 'open' && state.failure) void reload();
  });
  return {
    state: () => state,
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
    reload,
    loadOlder: () => request(state.list?.nextBefore ?? null),
  };
}
