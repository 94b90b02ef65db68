import type { StageName } from '../conventions/index.ts';
import { describeStages, findStage, type SeenCall } from './calls.ts';

/** What jest and vitest expect of a matcher. */
export type MatcherResult = { readonly pass: boolean; readonly message: () => string };

/** The matchers as they are called; for the types of one's own `expect` (see the README). */
export type CallspanMatchers<R = void> = {
  /** The stage was measured, and each time within the limit where one is given. */
  toHaveStage(stage: StageName, limit?: { readonly belowMs?: number }): R;
  /** All of the call is in one trace with one root, and every parent is there. */
  toHaveOneTrace(): R;
  /** At least one wait was measured, and each is within the limit where one is given. */
  toHaveWait(limit?: { readonly belowMs?: number }): R;
  /** Every span that was seen to start has ended. */
  toHaveNoOpenSpans(): R;
};

/** For `expect.extend(callspanMatchers)` of jest and vitest; each takes what `findCall` returns. */
export const callspanMatchers = {
  toHaveStage(call: SeenCall, stage: StageName, { belowMs = Number.POSITIVE_INFINITY } = {}): MatcherResult {
    let measured: number[];
    try {
      measured = findStage(call, stage).map(({ durationMs }) => durationMs);
    } catch (error) {
      return { pass: false, message: () => (error as Error).message };
    }
    const message = `call ${call.callSid} has stage ${stage} of ${listMs(measured)}`;
    return result(
      measured.every((durationMs) => durationMs <= belowMs),
      message,
      belowMs,
    );
  },
  toHaveOneTrace(call: SeenCall): MatcherResult {
    const problem = findTraceProblem(call);
    const message = problem ?? `has one whole trace of ${call.spans.length} spans`;
    return { pass: problem === undefined, message: () => `call ${call.callSid} ${message}` };
  },
  toHaveWait(call: SeenCall, { belowMs = Number.POSITIVE_INFINITY } = {}): MatcherResult {
    if (call.waits.length === 0) {
      const stages = describeStages(call);
      return { pass: false, message: () => `call ${call.callSid} has no measured wait; it has ${stages}` };
    }
    const measured = call.waits.map(({ durationMs }) => durationMs);
    const message = `call ${call.callSid} has waits of ${listMs(measured)}`;
    return result(
      measured.every((durationMs) => durationMs <= belowMs),
      message,
      belowMs,
    );
  },
  toHaveNoOpenSpans(call: SeenCall): MatcherResult {
    const names = call.openSpans.map(({ name }) => name);
    const message = names.length === 0 ? 'has no open spans' : `has open spans: ${names.join(', ')}`;
    return { pass: names.length === 0, message: () => `call ${call.callSid} ${message}` };
  },
};

function result(pass: boolean, message: string, belowMs: number): MatcherResult {
  const limit = Number.isFinite(belowMs) ? `; the limit is ${belowMs} ms` : '';
  return { pass, message: () => `${message}${limit}` };
}

function listMs(durations: readonly number[]): string {
  return `${durations.map((durationMs) => Math.round(durationMs)).join(', ')} ms`;
}

function findTraceProblem({ traceIds, spans, openSpans }: SeenCall): string | undefined {
  if (traceIds.length !== 1) return `is in ${traceIds.length} traces: ${traceIds.join(', ')}`;
  const all = [...spans, ...openSpans];
  const known = new Set(all.map(({ spanId }) => spanId));
  const roots = all.filter(({ parentSpanId }) => parentSpanId === undefined);
  const orphans = all.filter(({ parentSpanId }) => parentSpanId !== undefined && !known.has(parentSpanId));
  if (orphans.length > 0) return `has spans whose parent was not seen: ${listNames(orphans)}`;
  return roots.length === 1 ? undefined : `has ${roots.length} roots: ${listNames(roots)}`;
}

function listNames(spans: SeenCall['spans']): string {
  return [...new Set(spans.map(({ name }) => name))].join(', ');
}
