import { ViewerError } from './errors.ts';
import type { Changes, TelemetrySink, TelemetryStore } from './ports.ts';
import type { LogRecord, SpanRecord } from './telemetry.ts';

/** A transaction takes requests until it has this many rows: long enough to pay, short enough not to hold up readers. */
const ROWS_PER_TRANSACTION = 2000;

type Rows = { readonly spans: readonly SpanRecord[]; readonly logs: readonly LogRecord[] };
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
      saver.save({ spans: entries.flatMap(({ spans }) => spans), logs: entries.flatMap(({ logs }) => logs) });
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
  const add = (spans: readonly SpanRecord[], logs: readonly LogRecord[]): Promise<number> => {
    if (spans.length + logs.length === 0) return Promise.resolve(0);
    return new Promise((done, failed) => {
      waiting.push({ spans, logs, done, failed });
      if (waiting.length === 1) setImmediate(flush);
    });
  };
  return { saveSpans: (spans) => add(spans, []), saveLogs: (logs) => add([], logs) };
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
      if (rows.spans.length + rows.logs.length === 1) return 1;
      return saveWhatCanBe(takeHalf(rows, 0)) + saveWhatCanBe(takeHalf(rows, 1));
    }
  };
  return { save, saveWhatCanBe };
}

// Rounded up here and down there: one span and one record part too.
function takeHalf({ spans, logs }: Rows, which: 0 | 1): Rows {
  const [span, log] = [Math.ceil(spans.length / 2), Math.floor(logs.length / 2)];
  if (which === 0) return { spans: spans.slice(0, span), logs: logs.slice(0, log) };
  return { spans: spans.slice(span), logs: logs.slice(log) };
}

function takeEntries(waiting: readonly Entry[]): Entry[] {
  const taken: Entry[] = [];
  let rows = 0;
  for (const entry of waiting) {
    rows += entry.spans.length + entry.logs.length;
    if (taken.length > 0 && rows > ROWS_PER_TRANSACTION) break;
    taken.push(entry);
  }
  return taken;
}
