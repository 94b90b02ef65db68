import type { Attributes } from '@opentelemetry/api';
import { idOfLimit, type StageLimit } from '../call/limits.ts';
import { CLOSED_LABELS, THRESHOLD_LEVELS } from '../conventions/closed-labels.ts';
import { Metric, type MetricDescriptor } from '../conventions/index.ts';
import type { Instruments } from '../instruments.ts';
import { BLOCKED_LABELS } from './blocked-loop.ts';

/** Counters without labels that a dashboard shows before anything has happened. */
const UNLABELLED: readonly MetricDescriptor[] = [
  Metric.callActive,
  Metric.websocketActive,
  Metric.mediaLost,
  Metric.playoutUnderrun,
  Metric.playoutDiscarded,
  Metric.markMissed,
];

/**
 * Starts every counter whose labels are known beforehand with 0, so that the first error counts in `rate`: the closed
 * sets of the conventions, and of breaches and stuck stages one set for each limit.
 */
export function recordFirstZeros(instruments: Instruments, limits: readonly StageLimit[]): void {
  for (const metric of UNLABELLED) instruments.record(metric, 0);
  for (const [constant, labels] of Object.entries(CLOSED_LABELS)) {
    const metric = Metric[constant as keyof typeof CLOSED_LABELS];
    for (const set of combine(Object.entries(labels))) instruments.record(metric, 0, set);
  }
  for (const level of THRESHOLD_LEVELS) {
    instruments.record(Metric.thresholdBreaches, 0, { ...BLOCKED_LABELS, level });
    for (const limit of limits) {
      instruments.record(Metric.thresholdBreaches, 0, { threshold: idOfLimit(limit), level, stage: limit.stage });
    }
  }
  for (const { stage } of limits) instruments.record(Metric.stageStuck, 0, { stage });
}

function combine([first, ...rest]: readonly (readonly [string, readonly string[]])[]): Attributes[] {
  if (!first) return [{}];
  const [label, values] = first;
  return values.flatMap((value) => combine(rest).map((set) => ({ [label]: value, ...set })));
}
