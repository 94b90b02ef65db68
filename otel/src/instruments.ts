import {
  type Attributes,
  type Counter,
  createNoopMeter,
  type Gauge,
  type Histogram,
  type Meter,
  metrics,
  type ObservableCallback,
  type UpDownCounter,
} from '@opentelemetry/api';
import { type MetricDescriptor, SCOPE_NAME } from './conventions/index.ts';
import { deferred } from './deferred.ts';
import { redactLabels } from './redaction/labels.ts';

/** Records the kit's metrics by their descriptor (see `Metric`); each instrument is made when it is first used. */
export type Instruments = {
  /** @param value in the unit of the descriptor (seconds for durations) */
  record(metric: MetricDescriptor, value: number, labels?: Attributes): void;
  /** Looks at a gauge when metrics are collected. @returns stops that; `look` must not fail */
  observe(metric: MetricDescriptor, look: () => number | Promise<number>): () => void;
};

/** Instruments that record nothing: telemetry is off. */
export function createNoInstruments(): Instruments {
  return { record() {}, observe: () => () => undefined };
}

type AnyInstrument = { record(value: number, labels: Attributes): void };
type Value = { readonly instrument: AnyInstrument; readonly value: number; readonly labels: Attributes };

const recordValue = deferred<Value>(({ instrument, value, labels }) => instrument.record(value, redactLabels(labels)));

/** @param meter tests; default is the meter of the SDK that has been started by the time of the first value */
export function createInstruments(meter?: Meter): Instruments {
  const made = new Map<string, AnyInstrument>();
  return {
    record(metric, value, labels = {}) {
      if (!Number.isFinite(value)) return;
      let instrument = made.get(metric.name);
      if (!instrument) {
        const from = meter ?? metrics.getMeter(SCOPE_NAME);
        // No SDK yet, or none at all: an instrument made now would stay silent for ever.
        if (from === createNoopMeter()) return;
        instrument = makeInstrument(from, metric);
        made.set(metric.name, instrument);
      }
      recordValue({ instrument, value, labels });
    },
    observe({ name, unit, meaning: description }, look) {
      const gauge = (meter ?? metrics.getMeter(SCOPE_NAME)).createObservableGauge(name, { unit, description });
      const callback: ObservableCallback = async (result) => result.observe(await look());
      gauge.addCallback(callback);
      return () => gauge.removeCallback(callback);
    },
  };
}

function makeInstrument(meter: Meter, { name, kind, unit, meaning, buckets }: MetricDescriptor): AnyInstrument {
  const options = { unit, description: meaning };
  if (kind === 'histogram') {
    const advice = buckets ? { advice: { explicitBucketBoundaries: [...buckets] } } : {};
    const histogram: Histogram = meter.createHistogram(name, { ...options, ...advice });
    return histogram;
  }
  if (kind === 'gauge') {
    const gauge: Gauge = meter.createGauge(name, options);
    return gauge;
  }
  const counter: Counter | UpDownCounter =
    kind === 'counter' ? meter.createCounter(name, options) : meter.createUpDownCounter(name, options);
  return { record: (value, labels) => counter.add(value, labels) };
}
