import type { CallEvent, CallResult } from './call-result.ts';
import type { PlacedCall } from './place-call.ts';

/** A call as the simulated line keeps it. */
export type CallEntry = {
  readonly callSid: string;
  readonly from: string;
  readonly to: string;
  readonly startedAt: Date;
  readonly events: readonly CallEvent[];
  /** null while the call goes on and while its traces are being looked up. */
  readonly result: CallResult | null;
};

/** What a watcher is told: each event, and the result last. */
export type CallNews = CallEvent | { readonly type: 'result'; readonly result: CallResult };

/** The calls of this process. */
export type Switchboard = {
  /** Starts a call and keeps it. `start` gets the hook through which the call reports. */
  place(start: (onEvent: (event: CallEvent) => void) => PlacedCall): PlacedCall;
  find(callSid: string): CallEntry | undefined;
  /** Resolves when the call is over; undefined for an unknown one. */
  waitFor(callSid: string): Promise<CallResult> | undefined;
  /** Tells what has happened and what happens, the result last; the function returned stops it. */
  watch(callSid: string, onNews: (news: CallNews) => void): () => void;
  /** Ends a call; `bot`: as Twilio's REST does. `false`: no such call, or it has ended. */
  hangUp(callSid: string, by: 'bot' | 'caller'): boolean;
  /** Hangs up all calls and waits for their results. */
  close(): Promise<void>;
};

type Entry = CallEntry & {
  placed: PlacedCall;
  events: CallEvent[];
  result: CallResult | null;
  watchers: Set<(news: CallNews) => void>;
};

// Enough to look back at; a process that places calls for days must not grow.
const KEPT_CALLS = 500;

/** A switchboard without calls. `today` dates them. */
export function createSwitchboard(today: () => Date): Switchboard {
  const calls = new Map<string, Entry>();
  const tell = (entry: Entry, news: CallNews) => {
    for (const watcher of entry.watchers) watcher(news);
  };
  return {
    place(start) {
      const events: CallEvent[] = [];
      const watchers: Entry['watchers'] = new Set();
      const placed = start((event) => {
        events.push(event);
        for (const watcher of watchers) watcher(event);
      });
      const { callSid, parties } = placed;
      const entry: Entry = { callSid, ...parties, startedAt: today(), events, result: null, placed, watchers };
      calls.set(callSid, entry);
      void placed.result.then((result) => {
        entry.result = result;
        tell(entry, { type: 'result', result });
        watchers.clear();
        forgetOldest(calls);
      });
      return placed;
    },
    find: (callSid) => calls.get(callSid),
    waitFor: (callSid) => calls.get(callSid)?.placed.result,
    watch(callSid, onNews) {
      const entry = calls.get(callSid);
      for (const event of entry?.events ?? []) onNews(event);
      if (entry?.result) onNews({ type: 'result', result: entry.result });
      else entry?.watchers.add(onNews);
      return () => entry?.watchers.delete(onNews);
    },
    hangUp(callSid, by) {
      const entry = calls.get(callSid);
      if (!entry || entry.events.some((event) => event.type === 'ended')) return false;
      entry.placed.hangUp(by);
      return true;
    },
    async close() {
      const open = [...calls.values()].filter((entry) => entry.result === null);
      for (const { placed } of open) placed.hangUp('caller');
      await Promise.all(open.map(({ placed }) => placed.result));
    },
  };
}

function forgetOldest(calls: Map<string, Entry>): void {
  for (const [callSid, { result }] of calls) {
    if (calls.size <= KEPT_CALLS) return;
    if (result) calls.delete(callSid);
  }
}
