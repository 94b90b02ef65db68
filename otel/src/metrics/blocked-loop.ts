import type { CallTrace } from '../call/call.ts';
import { Attr, Metric, SpanName, type ThresholdLevel } from '../conventions/index.ts';
import type { Instruments } from '../instruments.ts';

/** A block that is so much longer than its limit is never missed. */
const LOOK_EVERY_MS = 100;
const SPANS_PER_MINUTE = 6;

/** From when on the process was blocked too long, milliseconds of real time: from a warning, and from a critical block. */
export type EventLoopLimit = { readonly warningMs: number; readonly criticalMs: number };

/** What no media frame survives, and what every caller hears. */
const DEFAULT_LIMIT: EventLoopLimit = { warningMs: 100, criticalMs: 500 };

/** Labels of its breaches: it is no stage. */
export const BLOCKED_LABELS = { threshold: SpanName.eventLoopBlocked, stage: 'none' } as const;

/** What a limit of the event loop must look like. */
export const EVENT_LOOP_LIMIT_OPTION = {
  isRight(value: unknown): boolean {
    const { warningMs, criticalMs } = (value ?? {}) as Partial<Record<keyof EventLoopLimit, unknown>>;
    const areFigures = typeof warningMs === 'number' && typeof criticalMs === 'number' && Number.isFinite(criticalMs);
    return areFigures && warningMs > 0 && warningMs <= criticalMs;
  },
  expected: '{ warningMs, criticalMs }: milliseconds above 0, the warning not above the critical one',
};

/**
 * Tells when the process did nothing else for too long: `event_loop.blocked` on every call that is going on, at most six a
 * minute, and a breach in the metric for each. One timer of 100 ms while there are calls, none without.
 * @param openCalls the calls that are going on
 * @param limit asked at each look, so its figures may change
 * @returns to be told that a call has been added to them
 */
export function watchEventLoop(
  openCalls: ReadonlySet<CallTrace>,
  instruments: Instruments,
  limit: EventLoopLimit = DEFAULT_LIMIT,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let lookedAtMs = 0;
  const toldAtMs: number[] = [];
  const look = () => {
    if (openCalls.size === 0) {
      timer = undefined;
      return;
    }
    timer?.refresh();
    const nowMs = performance.now();
    const blockedMs = nowMs - lookedAtMs - LOOK_EVERY_MS;
    lookedAtMs = nowMs;
    if (blockedMs < limit.warningMs) return;
    const level: ThresholdLevel = blockedMs < limit.criticalMs ? 'warning' : 'critical';
    instruments.record(Metric.thresholdBreaches, 1, { ...BLOCKED_LABELS, level });
    while (toldAtMs.length > 0 && nowMs - (toldAtMs[0] ?? 0) > 60_000) toldAtMs.shift();
    if (toldAtMs.length >= SPANS_PER_MINUTE) return;
    toldAtMs.push(nowMs);
    for (const call of openCalls) drawBlock(call, { blockedMs, level });
  };
  return () => {
    if (timer) return;
    lookedAtMs = performance.now();
    timer = setTimeout(look, LOOK_EVERY_MS).unref();
  };
}

function drawBlock(
  call: CallTrace,
  { blockedMs, level }: { readonly blockedMs: number; readonly level: ThresholdLevel },
) {
  const endedAtMs = call.clock.now();
  const startedAtMs = Math.max(call.startedAtMs, endedAtMs - blockedMs);
  const attributes = { [Attr.thresholdLevelOnSpan]: level };
  call.startSpan({ name: SpanName.eventLoopBlocked, startedAtMs, attributes }).end(endedAtMs);
}
