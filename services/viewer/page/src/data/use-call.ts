import { useCallback, useEffect, useRef, useState } from 'react';
import type { LiveEvent } from '../../../api/types.ts';
import { applyLiveEvent, type CallData, createCallData } from '../model/call-data.ts';
import { ApiFailure, findCall, findSpans } from './api.ts';
import { usePage } from './page-context.ts';

/** A call as the view shows it; `data` stays while a later request fails. */
export type CallRequest = {
  readonly data: CallData | null;
  readonly failure: ApiFailure | null;
  readonly reload: () => void;
};

/** Fetches a call and keeps it up to date: live events are applied, and it is fetched again on resync and when it has ended. */
export function useCall(callSid: string): CallRequest {
  const { live } = usePage();
  const [state, setState] = useState<{ data: CallData | null; failure: ApiFailure | null }>({
    data: null,
    failure: null,
  });
  const [attempt, setAttempt] = useState(0);
  // Events that come while an answer is on its way are newer than it; null when nothing is asked for.
  const sinceRequest = useRef<LiveEvent[] | null>(null);
  const hasFailed = useRef(false);
  const shownTraceId = useRef<string | null>(null);
  const reload = useCallback(() => setAttempt((count) => count + 1), []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` asks for the same call again
  useEffect(() => {
    const abort = new AbortController();
    sinceRequest.current = [];
    fetchCall(callSid, abort.signal).then(
      (fetched) => {
        if (abort.signal.aborted) return;
        const data = (sinceRequest.current ?? []).reduce(applyLiveEvent, fetched);
        const isOutdated = (sinceRequest.current ?? []).some((event) => isOfOtherTrace(event, data.summary));
        sinceRequest.current = null;
        hasFailed.current = false;
        shownTraceId.current = data.summary.traceId;
        if (isOutdated) reload();
        setState({ data, failure: null });
      },
      (failure: unknown) => {
        if (abort.signal.aborted) return;
        sinceRequest.current = null;
        hasFailed.current = true;
        const known = failure instanceof ApiFailure ? failure : new ApiFailure('server', String(failure));
        setState((current) => ({ ...current, failure: known }));
      },
    );
    return () => abort.abort();
  }, [callSid, attempt, reload]);

  useEffect(() => {
    const stop = live.listen((events) => {
      sinceRequest.current?.push(...events);
      setState((current) =>
        current.data ? { ...current, data: events.reduce(applyLiveEvent, current.data) } : current,
      );
      const traceId = shownTraceId.current;
      const isNews = (event: LiveEvent) =>
        (isAbout(event, callSid) && (hasFailed.current || hasEnded(event))) ||
        (traceId !== null && isOfOtherTrace(event, { callSid, traceId }));
      if (events.some((event) => event.event === 'resync' || isNews(event))) reload();
    });
    const stopState = live.listenState(() => {
      if (live.state() === 'open' && hasFailed.current) reload();
    });
    return () => {
      stop();
      stopState();
    };
  }, [live, callSid, reload]);

  return { ...state, reload };
}

function isAbout(live: LiveEvent, callSid: string): boolean {
  return live.event === 'call' && live.data.callSid === callSid;
}

/** Whether an event tells of the same call under another trace than the one that is shown. */
function isOfOtherTrace(live: LiveEvent, shown: { readonly callSid: string; readonly traceId: string }): boolean {
  return isAbout(live, shown.callSid) && live.event === 'call' && live.data.traceId !== shown.traceId;
}

function hasEnded(live: LiveEvent): boolean {
  return live.event === 'call' && live.data.state !== 'live';
}

async function fetchCall(callSid: string, signal: AbortSignal): Promise<CallData> {
  const detail = await findCall(callSid, signal);
  return createCallData(detail, await findSpans(detail.traceId, signal));
}
