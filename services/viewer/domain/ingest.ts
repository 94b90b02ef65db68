import { ViewerError } from './errors.ts';
import type { Changes, TelemetrySink, TelemetryStore } from './ports.ts';
import type { LogRecord, SpanRecord } from './telemetry.ts';

/** A transaction takes requests until it has this many rows: long enough to pay, short enough not to hold up readers. */
const ROWS_PER_TRANSACTION = 2000;

type Entry = {
  readonly spans: readonly SpanRecord[];
  readonly logs: readonly LogRecord[];
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
};

/** What happens around writes. */
export type IngestOptions = {
  readonly store: TelemetryStore;
  readonly onChanges: (changes: Changes) => void;
  readonly onError: (error: unknown) => void;
};

/** Puts requests that come together into one transaction; each is answered when it is stored. */
export function createIngest({ store, onChanges, onError }: IngestOptions): TelemetrySink {
  let waiting: Entry[] = [];
  const flush = () => {
    const entries = takeEntries(waiting);
    waiting = waiting.slice(entries.length);
    if (waiting.length > 0) setImmediate(flush);
    try {
      save(entries);
    } catch (error) {
      onError(error);
      if (entries.length === 1) entries[0]?.failed(toBusy(error));
      // One request that cannot be stored must not take the others with it.
      else for (const entry of entries) saveAlone(entry);
    }
  };
  const save = (entries: readonly Entry[]) => {
    const spans = entries.flatMap((entry) => entry.spans);
    const changes = store.save({ spans, logs: entries.flatMap((entry) => entry.logs) });
    for (const entry of entries) entry.done();
    onChanges(changes);
  };
  const saveAlone = (entry: Entry) => {
    try {
      save([entry]);
    } catch (error) {
      entry.failed(toBusy(error));
    }
  };
  const add = (spans: readonly SpanRecord[], logs: readonly LogRecord[]): Promise<void> => {
    if (spans.length + logs.length === 0) return Promise.resolve();
    return new Promise<void>((done, failed) => {
      waiting.push({ spans, logs, done, failed });
      if (waiting.length === 1) setImmediate(flush);
    });
  };
  return { saveSpans: (spans) => add(spans, []), saveLogs: (logs) => add([], logs) };
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

function toBusy(cause: unknown): ViewerError {
  return new ViewerError('busy', 'the store cannot write now: send it again', { cause });
}
