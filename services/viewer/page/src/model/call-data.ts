import { LogEvent } from 'callspan/conventions';
import type { CallDetail, CallSummary, LiveEvent, LogLine, SpanView, TurnSummary } from '../../../api/types.ts';
import { findTurnIndex } from './attribute.ts';

/** All that is known of one call: what was fetched, with every live event applied to it. */
export type CallData = {
  readonly summary: CallSummary;
  readonly turnList: readonly TurnSummary[];
  readonly spans: ReadonlyMap<string, SpanView>;
  /** In order of time. */
  readonly logs: readonly LogLine[];
};

/** The call as fetched: its detail and the finished spans of its trace. A finished span replaces the open one of the same id. */
export function createCallData(detail: CallDetail, finished: readonly SpanView[]): CallData {
  const { turnList, pending, logs, ...summary } = detail;
  return { summary, turnList, spans: mergeSpans(new Map(), [...pending, ...finished]), logs };
}

/** The call after a live event; the same object when the event is about another call or says nothing new. */
export function applyLiveEvent(data: CallData, live: LiveEvent): CallData {
  const { traceId, callSid } = data.summary;
  switch (live.event) {
    case 'call':
      // A row of another trace belongs to spans that are not here: the call must be fetched for it.
      return live.data.callSid === callSid && live.data.traceId === traceId ? { ...data, summary: live.data } : data;
    case 'trace':
      if (live.data.traceId !== traceId) return data;
      return { ...data, spans: mergeSpans(data.spans, live.data.spans) };
    case 'log':
      return live.data.traceId === traceId ? addLog(data, live.data.line) : data;
    case 'resync':
      return data;
  }
}

/** Spans by id; an announcement that comes late never reopens a finished span. */
export function mergeSpans(current: ReadonlyMap<string, SpanView>, incoming: readonly SpanView[]) {
  const merged = new Map(current);
  for (const span of incoming) {
    const known = merged.get(span.spanId);
    const wouldReopen = known !== undefined && known.durationMs !== null && span.durationMs === null;
    if (!wouldReopen) merged.set(span.spanId, span);
  }
  return merged as ReadonlyMap<string, SpanView>;
}

function addLog(data: CallData, line: LogLine): CallData {
  // Fetch and stream overlap: the same line may arrive by both.
  const isKnown = data.logs.some(
    (known) =>
      known.timeMs === line.timeMs &&
      known.body === line.body &&
      known.spanId === line.spanId &&
      known.eventName === line.eventName,
  );
  if (isKnown) return data;
  return { ...data, logs: [...data.logs, line].sort((a, b) => a.timeMs - b.timeMs) };
}

export type TurnText = { readonly transcribed: string | null; readonly replied: string | null };

/** What was said in each turn, by its index: from the server's summary, and from content records that came since. */
export function listTurnTexts(data: CallData): ReadonlyMap<number, TurnText> {
  const texts = new Map<number, TurnText>();
  for (const turn of data.turnList) texts.set(turn.index, { transcribed: turn.transcribed, replied: turn.replied });
  for (const [index, said] of collectSaid(data)) {
    const known = texts.get(index);
    texts.set(index, {
      transcribed: known?.transcribed ?? (said.transcribed.join(' ') || null),
      // Sentences of a reply arrive one by one: the longer text is the later one.
      replied: longer(known?.replied ?? null, said.replied.join(' ') || null),
    });
  }
  return texts;
}

function collectSaid(data: CallData) {
  const said = new Map<number, { transcribed: string[]; replied: string[] }>();
  for (const line of data.logs) {
    if (line.eventName !== LogEvent.transcript && line.eventName !== LogEvent.reply) continue;
    const span = line.spanId === null ? undefined : data.spans.get(line.spanId);
    const index = findTurnIndex(line) ?? (span ? findTurnIndex(span) : null);
    if (index === null) continue;
    const entry = said.get(index) ?? { transcribed: [], replied: [] };
    (line.eventName === LogEvent.transcript ? entry.transcribed : entry.replied).push(line.body);
    said.set(index, entry);
  }
  return said;
}

function longer(a: string | null, b: string | null): string | null {
  return (b?.length ?? 0) > (a?.length ?? 0) ? b : a;
}
