import { ViewerError } from './errors.ts';
import type { Batch, Changes, TelemetrySink, TelemetryStore } from './ports.ts';

/** A transaction takes requests until it has this many rows: long enough to pay, short enough not to hold up readers. */
const ROWS_PER_TRANSACTION = 2000;

type Rows = Required<Batch>;
type Entry = Rows & { readonly done: (unkept: number) => void; readonly failed: (error: unknown) => void };

/** What happens around writes. */
export type IngestOptions = {
  readonly store: Pick<TelemetryStore, 'save'>;
  readonly onChanges: (changes: Changes) => void;
  readonly onError: (error: unknown) => void;
};

/** Puts requests that come together into one transaction; each is answered when it is stored. */
export function createIngest(options: IngestOptions): TelemetrySink {
  const { onError } = options;
  const saver = createPatientSaver(options);
  let waiting: Entry[] = [];
  const flush = () => {
    const entries = takeEntries(waiting);
    waiting = waiting.slice(entries.length);
    if (waiting.length > 0) setImmediate(flush);
    try {
      saver.save({
        spans: entries.flatMap(({ spans }) => spans),
        logs: entries.flatMap(({ logs }) => logs),
        metrics: entries.flatMap(({ metrics }) => metrics),
      });
      for (const entry of entries) entry.done(0);
    } catch (error) {
      onError(error);
      // One request that cannot be stored must not take the others with it.
      for (const entry of entries) saveAlone(entry);
    }
  };
  const saveAlone = (entry: Entry) => {
    try {
      entry.done(saver.saveWhatCanBe(entry));
    } catch (error) {
      entry.failed(error);
    }
  };
  const add = (some: Partial<Rows>): Promise<number> => {
    const rows: Rows = { spans: [], logs: [], metrics: [], ...some };
    if (sizeOf(rows) === 0) return Promise.resolve(0);
    return new Promise((done, failed) => {
      waiting.push({ ...rows, done, failed });
      if (waiting.length === 1) setImmediate(flush);
    });
  };
  return {
    saveSpans: (spans) => add({ spans }),
    saveLogs: (logs) => add({ logs }),
    saveMetrics: (metrics) => add({ metrics }),
  };
}

function createPatientSaver({ store, onChanges, onError }: IngestOptions) {
  const save = (rows: Rows): void => {
    const changes = store.save(rows);
    try {
      onChanges(changes);
    } catch (error) {
      // It is stored: who fails to hear of it does not make it fail.
      onError(error);
    }
  };
  /** Halves what cannot be stored until the rows that are at fault are alone; returns how many they are. @throws ViewerError `busy` */
  const saveWhatCanBe = (rows: Rows): number => {
    try {
      save(rows);
      return 0;
    } catch (error) {
      if (error instanceof ViewerError) throw error;
      if (sizeOf(rows) === 1) return 1;
      return saveWhatCanBe(takeHalf(rows, 0)) + saveWhatCanBe(takeHalf(rows, 1));
    }
  };
  return { save, saveWhatCanBe };
}

function sizeOf({ spans, logs, metrics }: Rows): number {
  return spans.length + logs.length + metrics.length;
}

// As if the three were one list: one of each kind part too.
function takeHalf(rows: Rows, which: 0 | 1): Rows {
  const middle = Math.ceil(sizeOf(rows) / 2);
  const { spans, logs, metrics } = rows;
  const half = <Row>(list: readonly Row[], before: number) => {
    const cut = Math.min(list.length, Math.max(0, middle - before));
    return which === 0 ? list.slice(0, cut) : list.slice(cut);
  };
  return {
    spans: half(spans, 0),
    logs: half(logs, spans.length),
    metrics: half(metrics, spans.length + logs.length),
  };
}

function takeEntries(waiting: readonly Entry[]): Entry[] {
  const taken: Entry[] = [];
  let rows = 0;
  for (const entry of waiting) {
    rows += sizeOf(entry);
    if (taken.length > 0 && rows > ROWS_PER_TRANSACTION) break;
    taken.push(entry);
  }
  return taken;
}
