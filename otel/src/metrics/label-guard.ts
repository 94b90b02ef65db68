import type {
  Attributes,
  BatchObservableCallback,
  BatchObservableResult,
  Meter,
  MeterProvider,
  Observable,
  ObservableCallback,
} from '@opentelemetry/api';
import { SCOPE_NAME } from '../conventions/index.ts';
import type { Redactor } from '../redaction/redactor.ts';

const COUNTERS = ['createCounter', 'createUpDownCounter'] as const;
const RECORDERS = ['createHistogram', 'createGauge'] as const;
const OBSERVED = ['createObservableCounter', 'createObservableUpDownCounter', 'createObservableGauge'] as const;

type Redact = (labels: Attributes | undefined) => Attributes | undefined;
type Take = (value: number, labels?: Attributes, ...rest: unknown[]) => void;
type Create = (...args: unknown[]) => Record<string, unknown>;

/**
 * Labels of an application's own instruments are redacted before they make a series, by key and by value. The kit's own
 * meter is left out: its values are redacted where they are recorded.
 */
export function guardLabels(provider: MeterProvider, redactor: Redactor): void {
  const redact: Redact = (labels) => labels && redactor.attributes(labels);
  const getMeter = provider.getMeter.bind(provider);
  const guarded = new WeakSet<Meter>();
  provider.getMeter = (name, ...rest) => {
    const meter = getMeter(name, ...rest);
    if (name !== SCOPE_NAME && !guarded.has(meter)) {
      guarded.add(meter);
      guardMeter(meter, redact);
    }
    return meter;
  };
}

function guardMeter(meter: Meter, redact: Redact): void {
  for (const kind of COUNTERS) guardMaker(meter, kind, (counter) => guardTaker(counter, 'add', redact));
  for (const kind of RECORDERS) guardMaker(meter, kind, (recorder) => guardTaker(recorder, 'record', redact));
  const single = remembered((callback: ObservableCallback) => (result) => {
    const observe = (value: number, labels?: Attributes) => result.observe(value, redact(labels));
    return callback({ observe });
  });
  for (const kind of OBSERVED) {
    guardMaker(meter, kind, (instrument) => {
      guardFirst(instrument, 'addCallback', single);
      guardFirst(instrument, 'removeCallback', single);
    });
  }
  const batch = remembered((callback: BatchObservableCallback) => (result: BatchObservableResult) => {
    const observe = (instrument: Observable, value: number, labels?: Attributes) =>
      result.observe(instrument, value, redact(labels));
    return callback({ observe });
  });
  guardFirst(meter as unknown as Record<string, unknown>, 'addBatchObservableCallback', batch);
  guardFirst(meter as unknown as Record<string, unknown>, 'removeBatchObservableCallback', batch);
}

/** What is made with the method is guarded before anybody has it. */
function guardMaker(meter: Meter, kind: keyof Meter, guard: (made: Record<string, unknown>) => void): void {
  const create = (meter[kind] as unknown as Create).bind(meter);
  Object.assign(meter, {
    [kind]: (...args: unknown[]) => {
      const made = create(...args);
      guard(made);
      return made;
    },
  });
}

function guardTaker(instrument: Record<string, unknown>, method: 'add' | 'record', redact: Redact): void {
  const take = (instrument[method] as Take).bind(instrument);
  instrument[method] = (value: number, labels?: Attributes, ...rest: unknown[]) => take(value, redact(labels), ...rest);
}

/** The first argument of a method is another one from now on. */
function guardFirst<T>(target: Record<string, unknown>, method: string, wrap: (first: T) => T): void {
  const original = (target[method] as (first: T, ...rest: unknown[]) => void).bind(target);
  target[method] = (first: T, ...rest: unknown[]) => original(wrap(first), ...rest);
}

/** A callback is taken off by itself: it has one wrapper for ever. */
function remembered<T extends object>(wrap: (callback: T) => T): (callback: T) => T {
  const wrappers = new WeakMap<T, T>();
  return (callback) => {
    const wrapper = wrappers.get(callback) ?? wrap(callback);
    wrappers.set(callback, wrapper);
    return wrapper;
  };
}
