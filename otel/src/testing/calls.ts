import { Attr, Stage, type StageName } from '../conventions/index.ts';
import type { SeenSpan, SeenTelemetry } from './seen.ts';

/** One call as it was seen: every span of every trace that speaks of it. */
export type SeenCall = {
  readonly callSid: string;
  /** One, when the call is whole. */
  readonly traceIds: readonly string[];
  /** In the order of their starts. */
  readonly spans: readonly SeenSpan[];
  readonly openSpans: readonly SeenSpan[];
  /** The caller's waits, in the order of the turns. */
  readonly waits: readonly SeenWait[];
};

/** The wait of one turn: end of the caller's speech to the first audible answer. */
export type SeenWait = {
  readonly turnIndex: number | undefined;
  readonly durationMs: number;
  /** How it was measured: `media_clock`, `mark_ack`, `send`. */
  readonly source: string;
};

type Spans = Pick<SeenTelemetry, 'spans' | 'openSpans'>;

/** The calls that telemetry speaks of, by their CallSid. */
export function listCallSids(telemetry: Spans): string[] {
  const all = [...telemetry.spans(), ...telemetry.openSpans()];
  return [...new Set(all.map(callSidOf).filter((callSid) => callSid !== undefined))];
}

/**
 * Everything that was seen of one call.
 * @param callSid may be left out where there is one call only
 * @throws Error naming the calls that there are
 */
export function findCall(telemetry: Spans, callSid?: string): SeenCall {
  const known = listCallSids(telemetry);
  const wanted = callSid ?? (known.length === 1 ? known[0] : undefined);
  if (wanted === undefined || !known.includes(wanted)) {
    const asked = callSid === undefined ? 'one call' : `call ${callSid}`;
    throw new Error(`expected ${asked}; there ${known.length === 0 ? 'are none' : `is ${known.join(', ')}`}`);
  }
  const all = [...telemetry.spans(), ...telemetry.openSpans()];
  const traceIds = [...new Set(all.filter((span) => callSidOf(span) === wanted).map(({ traceId }) => traceId))];
  const ofCall = (span: SeenSpan) => traceIds.includes(span.traceId);
  const spans = telemetry
    .spans()
    .filter(ofCall)
    .sort((one, other) => one.startMs - other.startMs);
  return { callSid: wanted, traceIds, spans, openSpans: telemetry.openSpans().filter(ofCall), waits: readWaits(spans) };
}

/**
 * The spans that measured a stage of the call.
 * @throws Error naming the stages that there are, when there is none of this one
 */
export function findStage(call: SeenCall, stage: StageName): SeenSpan[] {
  const found = call.spans.filter((span) => span.attributes[Attr.stage] === stage);
  if (found.length === 0) throw new Error(`call ${call.callSid} has no stage ${stage}; it has ${describeStages(call)}`);
  return found;
}

/**
 * Each of these stages was measured at least once.
 * @throws Error naming those that were not, and what there is instead
 */
export function expectStages(call: SeenCall, stages: readonly StageName[]): void {
  const there = new Set(call.spans.map((span) => span.attributes[Attr.stage]));
  const absent = stages.filter((stage) => !there.has(stage));
  if (absent.length === 0) return;
  const what = `${absent.length === 1 ? 'stage' : 'stages'} ${absent.join(', ')}`;
  throw new Error(`call ${call.callSid} has no ${what}; it has ${describeStages(call)}`);
}

/** The stages of a call with their counts, as a sentence has them. */
export function describeStages(call: SeenCall): string {
  const counts = new Map<string, number>();
  for (const span of call.spans) {
    const stage = span.attributes[Attr.stage];
    if (typeof stage === 'string') counts.set(stage, (counts.get(stage) ?? 0) + 1);
  }
  const told = [...counts].map(([stage, count]) => (count === 1 ? stage : `${stage} (${count})`));
  return told.length === 0 ? `none, in ${call.spans.length} spans` : told.join(', ');
}

function callSidOf({ attributes }: SeenSpan): string | undefined {
  const callSid = attributes[Attr.conversationId] ?? attributes[Attr.callSid];
  return typeof callSid === 'string' ? callSid : undefined;
}

function readWaits(spans: readonly SeenSpan[]): SeenWait[] {
  return spans
    .filter((span) => span.attributes[Attr.stage] === Stage.responseGap)
    .map(({ attributes, durationMs }) => ({
      turnIndex: attributes[Attr.turnIndex] as number | undefined,
      durationMs,
      source: String(attributes[Attr.gapSource] ?? ''),
    }));
}
