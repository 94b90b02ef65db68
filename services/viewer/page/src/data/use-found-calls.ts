import { useCallback, useEffect, useState } from 'react';
import type { LiveEvent } from '../../../api/types.ts';
import { parseFilter, readFilter } from '../model/call-filter.ts';
import type { FoundCalls } from '../model/found-calls.ts';
import { ApiFailure, searchCalls } from './api.ts';
import { usePage } from './page-context.ts';

/** The calls that the address asks for; `found` stays while a later request fails. */
export type FoundRequest = {
  readonly found: FoundCalls | null;
  readonly failure: ApiFailure | null;
  readonly reload: () => void;
};

type State = Omit<FoundRequest, 'reload'> & { readonly asked: string | null };

/**
 * Searches the calls that an address asks for, again when a call has ended or events were missed.
 * @param search the present `location.search` @returns null when the address asks for all calls
 */
export function useFoundCalls(search: string): FoundRequest | null {
  const { live } = usePage();
  const asked = readFilter(search);
  const [state, setState] = useState<State>({ asked: null, found: null, failure: null });
  const [attempt, setAttempt] = useState(0);
  const reload = useCallback(() => setAttempt((count) => count + 1), []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` asks for the same calls again
  useEffect(() => {
    if (asked === null) return;
    const abort = new AbortController();
    const ask = inTurn(async () => {
      const answer = await request(asked, abort.signal);
      if (abort.signal.aborted) return;
      setState((current) => ({
        asked,
        found: current.asked === asked ? current.found : null,
        failure: null,
        ...answer,
      }));
    });
    ask();
    const stop = live.listen((events) => {
      if (events.some(isNews)) ask();
    });
    return () => {
      abort.abort();
      stop();
    };
  }, [live, asked, attempt]);

  if (asked === null) return null;
  return state.asked === asked ? { ...state, reload } : { found: null, failure: null, reload };
}

async function request(asked: string, signal: AbortSignal): Promise<Pick<State, 'found'> | Pick<State, 'failure'>> {
  const nowMs = Date.now();
  try {
    return { found: await searchCalls(parseFilter(asked, nowMs), nowMs, signal) };
  } catch (failure) {
    if (failure instanceof ApiFailure) return { failure };
    const code = failure instanceof SyntaxError ? 'refused' : 'server';
    return { failure: new ApiFailure(code, failure instanceof Error ? failure.message : String(failure)) };
  }
}

function isNews(live: LiveEvent): boolean {
  return live.event === 'resync' || (live.event === 'call' && live.data.state !== 'live');
}

/** Runs one after the other; what is wanted several times meanwhile is done once. */
function inTurn(run: () => Promise<void>): () => void {
  let isRunning = false;
  let isWanted = false;
  const start = async () => {
    isRunning = true;
    do {
      isWanted = false;
      await run();
    } while (isWanted);
    isRunning = false;
  };
  return () => {
    isWanted = true;
    if (!isRunning) void start();
  };
}
