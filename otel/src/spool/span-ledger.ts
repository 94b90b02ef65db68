import { type Meter, metrics, TraceFlags, ValueType } from '@opentelemetry/api';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import { Metric, SCOPE_NAME } from '../conventions/index.ts';
import { catchUp } from '../deferred.ts';
import { type Counters, LOSSES, STATES } from './worker/counters.ts';

const nothing = async () => undefined;

/**
 * Where the spans of this process are: `callspan.spans`.
 * - `started`: sampled spans that have ended, and so were started on their way out;
 * - `stored`: written to the spool, here or by a process before that did not deliver them; with a spool always the sum of
 *   the others:
 * - `delivered`: the receiver answered that it has them;
 * - `pending`: on disk, waiting;
 * - `dead`: stored and lost to the receiver: dropped as the oldest (bytes, age, full disk), refused and kept in `dead/`,
 *   rejected in a partial success, or in a stretch of a file that is damaged.
 * `started` less `stored` are on their way to the disk (a fraction of a second) or were never written. What goes straight,
 * without a spool or when it has been given up, is not stored: it is delivered as the exporter says, or else dead.
 */
export type SpanLedger = {
  /** Counts the spans; it may stand anywhere among the processors. */
  readonly processor: SpanProcessor;
  /** Makes the instruments. Once, after the SDK has been started. */
  observe(meter?: Meter): void;
};

/** @param counters what the exporters count in */
export function createSpanLedger(counters: Counters): SpanLedger {
  let started = 0;
  return {
    processor: {
      onStart() {},
      onEnd(span) {
        if (span.spanContext().traceFlags & TraceFlags.SAMPLED) started += 1;
      },
      forceFlush: nothing,
      shutdown: nothing,
    },
    observe(meter = metrics.getMeter(SCOPE_NAME)) {
      const { spans, traceIncomplete } = Metric;
      meter
        .createObservableUpDownCounter(spans.name, {
          unit: spans.unit,
          description: spans.meaning,
          valueType: ValueType.INT,
        })
        .addCallback((result) => {
          // Callbacks come before the figures that others have added up.
          catchUp();
          result.observe(started, { state: 'started' });
          for (const state of STATES) result.observe(counters.get(`traces.${state}`), { state });
        });
      meter
        .createObservableCounter(traceIncomplete.name, {
          unit: traceIncomplete.unit,
          description: traceIncomplete.meaning,
          valueType: ValueType.INT,
        })
        .addCallback((result) => {
          for (const reason of LOSSES) result.observe(counters.get(`incomplete.${reason}`), { reason });
        });
    },
  };
}
