import { Attr, SpanName } from 'callspan/conventions';
import type { CallSummary } from '../../../api/types.ts';
import type { CallFilter } from './call-filter.ts';
import { findWorstWait } from './wait-times.ts';

/** What every call has one of, whatever else it has: its webhook, or the call itself. */
const ANY_CALL = `{ name = "${SpanName.webhookVoice}" || name = "${SpanName.call}" }`;

/** TraceQL for the calls that a filter asks for. Of a wait it is the measured ones that count, which rows tell: see {@link hasWorst}. */
export function toTraceql({ traceql, worstOverMs }: CallFilter): string {
  if (traceql !== '') return traceql;
  return worstOverMs === null ? ANY_CALL : `{ name = "${SpanName.responseGap}" && duration > ${worstOverMs}ms }`;
}

/** Whether a call's longest wait is as long as the filter asks. */
export function hasWorst({ waits }: CallSummary, { worstOverMs }: CallFilter): boolean {
  return worstOverMs === null || (findWorstWait(waits)?.durationMs ?? 0) > worstOverMs;
}

/** The parts of Tempo's `GET /api/search` answer that the page reads. Trace ids are hex without leading zeros, times strings of ns. */
export type TempoSearch = { readonly traces?: readonly TempoFoundTrace[] };
type TempoFoundTrace = {
  readonly traceID: string;
  readonly spanSet?: { readonly matched?: number; readonly spans?: readonly TempoFoundSpan[] };
};
type TempoFoundSpan = {
  readonly spanID: string;
  readonly startTimeUnixNano: string;
  readonly durationNanos: string;
  readonly attributes?: readonly { readonly key: string; readonly value?: { readonly stringValue?: string } }[];
};

/** The matching spans of a call. */
export type Match = {
  /** How long the longest of them took, milliseconds. */
  readonly worstMs: number;
  /** Hex id of the longest. */
  readonly spanId: string;
  readonly count: number;
  /** There are more than were looked at. */
  readonly isAtLeast: boolean;
};

/** Calls that a filter let through, by their longest matching span. */
export type FoundCalls = {
  readonly filter: CallFilter;
  readonly calls: readonly CallSummary[];
  /** By CallSid. */
  readonly matches: ReadonlyMap<string, Match>;
  /** Matching traces that are of no call. */
  readonly strays: number;
  /** As many traces as were asked for were found: older ones may match, too. */
  readonly isCut: boolean;
};

/** A trace with what matched in the window; `callSid` null where no span says of which call it is. */
type FoundTrace = { readonly traceId: string; readonly callSid: string | null; readonly match: Match };

/** Traces of an answer that have a matching span in the window. */
export function listFoundTraces({ traces = [] }: TempoSearch, filter: CallFilter): readonly FoundTrace[] {
  return traces.flatMap(({ traceID, spanSet }) => {
    const all = spanSet?.spans ?? [];
    // Tempo's window is of traces: a long call has spans outside of it.
    const spans = all.filter((span) => isWithin(span, filter));
    const [worst] = spans.toSorted((a, b) => durationOf(b) - durationOf(a));
    if (!worst) return [];
    const isAtLeast = (spanSet?.matched ?? 0) > all.length;
    const match = { worstMs: durationOf(worst), spanId: worst.spanID, count: spans.length, isAtLeast };
    return [{ traceId: traceID.padStart(32, '0'), callSid: findCallSid(spans), match }];
  });
}

/** The calls of those traces, worst first. @param calls rows of the calls that these traces are of */
export function joinCalls(
  traces: readonly FoundTrace[],
  calls: readonly CallSummary[],
): Pick<FoundCalls, 'calls' | 'matches' | 'strays'> {
  const bySid = new Map(calls.map((call) => [call.callSid, call]));
  const byTrace = new Map(calls.map((call) => [call.traceId, call]));
  const matches = new Map<string, Match>();
  let strays = 0;
  for (const { traceId, callSid, match } of traces) {
    const call = bySid.get(callSid ?? '') ?? byTrace.get(traceId);
    if (call) matches.set(call.callSid, add(matches.get(call.callSid), match));
    else strays += 1;
  }
  const worstOf = ({ callSid }: CallSummary) => matches.get(callSid)?.worstMs ?? 0;
  const found = calls.filter(({ callSid }) => matches.has(callSid));
  return { calls: found.sort((a, b) => worstOf(b) - worstOf(a) || b.startedAtMs - a.startedAtMs), matches, strays };
}

function add(one: Match | undefined, other: Match): Match {
  if (!one) return other;
  return {
    ...(other.worstMs > one.worstMs ? other : one),
    count: one.count + other.count,
    isAtLeast: one.isAtLeast || other.isAtLeast,
  };
}

function isWithin(span: TempoFoundSpan, { sinceMs, untilMs }: CallFilter): boolean {
  const startMs = Number(span.startTimeUnixNano) / 1e6;
  const endMs = startMs + durationOf(span);
  return (sinceMs === null || endMs >= sinceMs) && (untilMs === null || startMs <= untilMs);
}

function durationOf({ durationNanos }: TempoFoundSpan): number {
  return Number(durationNanos) / 1e6;
}

function findCallSid(spans: readonly TempoFoundSpan[]): string | null {
  for (const { attributes = [] } of spans) {
    const said = attributes.find(({ key }) => key === Attr.conversationId)?.value?.stringValue;
    if (said) return said;
  }
  return null;
}
