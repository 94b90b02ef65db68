import type { Clock } from '../../line/clock.ts';
import type { CallSummary, LiveEvent, LogLine, SpanView } from './call.ts';
import type { Changes } from './ports.ts';
import { toLogLine, toSpanView } from './views.ts';

/** Changes within this time make one event a trace and one a call. */
const COALESCE_MS = 100;
/** What a page that was away for a moment can still be given. */
const KEPT_EVENTS = 2000;
const KEPT_CHARACTERS = 4_000_000;
/** More than this at once is not worth drawing one by one. */
const MAX_WAITING = 5000;

/** An event ready to be sent: its number, its name, its JSON. */
export type SentEvent = { readonly id: number; readonly event: LiveEvent['event']; readonly json: string };

/** What happens now, for everybody who looks. */
export type LiveFeed = {
  /** Number of the newest event that was sent, or of the one before the first. */
  lastId(): number;
  publish(changes: Partial<Changes>): void;
  /**
   * Calls `onEvents` with what was missed since `lastId` (a `resync` when that is not known any more; nothing when undefined)
   * and then with everything new. @returns stops it
   */
  subscribe(lastId: number | undefined, onEvents: (events: readonly SentEvent[]) => void): () => void;
  close(): void;
};

/** @param firstId the number of the first event: higher than any number of an earlier run, so that those are seen to be old */
export function createLiveFeed({ clock, firstId }: { readonly clock: Clock; readonly firstId: number }): LiveFeed {
  const listeners = new Set<(events: readonly SentEvent[]) => void>();
  const kept = createRing(firstId);
  let waiting = createWaiting();
  let cancel: (() => void) | undefined;
  const flush = () => {
    cancel = undefined;
    const events = waiting.size > MAX_WAITING ? [RESYNC] : listEvents(waiting);
    waiting = createWaiting();
    const sent = events.map((live) => kept.add(live));
    for (const onEvents of listeners) onEvents(sent);
  };
  return {
    lastId: () => kept.lastId(),
    publish(changes) {
      if (addChanges(waiting, changes)) cancel ??= clock.after(COALESCE_MS, flush, { unref: true });
    },
    subscribe(lastId, onEvents) {
      if (lastId !== undefined) onEvents(kept.since(lastId));
      listeners.add(onEvents);
      return () => void listeners.delete(onEvents);
    },
    close() {
      cancel?.();
      listeners.clear();
    },
  };
}

const RESYNC: LiveEvent = { event: 'resync', data: {} };

function createRing(firstId: number) {
  let nextId = firstId;
  let characters = 0;
  const ring: SentEvent[] = [];
  return {
    lastId: () => nextId - 1,
    add({ event, data }: LiveEvent): SentEvent {
      const sent = { id: nextId, event, json: JSON.stringify(data) };
      nextId += 1;
      ring.push(sent);
      characters += sent.json.length;
      while (ring.length > KEPT_EVENTS || (characters > KEPT_CHARACTERS && ring.length > 1)) {
        characters -= ring.shift()?.json.length ?? 0;
      }
      return sent;
    },
    since(lastId: number): readonly SentEvent[] {
      const oldest = ring[0]?.id ?? nextId;
      const isKnown = lastId >= oldest - 1 && lastId < nextId;
      if (isKnown) return ring.filter(({ id }) => id > lastId);
      return [{ id: nextId - 1, event: 'resync', json: JSON.stringify(RESYNC.data) }];
    },
  };
}

type Waiting = {
  size: number;
  readonly calls: Map<string, CallSummary>;
  readonly traces: Map<string, { callSid: string | null; readonly spans: Map<string, SpanView> }>;
  readonly logs: { readonly traceId: string; readonly line: LogLine }[];
};

function createWaiting(): Waiting {
  return { size: 0, calls: new Map(), traces: new Map(), logs: [] };
}

function addChanges(waiting: Waiting, { calls = [], spans = [], logs = [] }: Partial<Changes>): boolean {
  // Beyond the limit everything will be fetched again: nothing more needs to be remembered.
  if (waiting.size > MAX_WAITING) return true;
  for (const call of calls) {
    if (!waiting.calls.has(call.callSid)) waiting.size += 1;
    waiting.calls.set(call.callSid, call);
  }
  for (const { span, callSid } of spans) {
    const trace = waiting.traces.get(span.traceId) ?? { callSid, spans: new Map() };
    trace.callSid ??= callSid;
    if (!trace.spans.has(span.spanId)) waiting.size += 1;
    trace.spans.set(span.spanId, toSpanView(span));
    waiting.traces.set(span.traceId, trace);
  }
  for (const log of logs) {
    if (log.traceId === '') continue;
    waiting.size += 1;
    waiting.logs.push({ traceId: log.traceId, line: toLogLine(log) });
  }
  return waiting.size > 0;
}

// Calls come last: who sees that a call has ended has seen its spans.
function listEvents({ calls, traces, logs }: Waiting): LiveEvent[] {
  return [
    ...[...traces].map(
      ([traceId, { callSid, spans }]): LiveEvent => ({
        event: 'trace',
        data: { traceId, callSid, spans: [...spans.values()] },
      }),
    ),
    ...logs.map((data): LiveEvent => ({ event: 'log', data })),
    ...[...calls.values()].map((data): LiveEvent => ({ event: 'call', data })),
  ];
}
