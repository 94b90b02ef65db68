import type { TelemetryStore } from '../../domain/ports.ts';
import { openDatabase } from './open.ts';
import { createCallReader } from './read-calls.ts';
import { createMetricReader } from './read-metrics.ts';
import { createRowReader } from './read-rows.ts';
import { createRetention } from './retention.ts';
import { createSaver } from './save.ts';
import { addMatches, searchTraces } from './search.ts';
import { createSweep } from './sweep.ts';

/** Where the file is, and the clock that stamps arrivals (epoch milliseconds). */
export type StoreOptions = { readonly file: string; readonly now: () => number };

/**
 * The store on `node:sqlite`: one writer, summary rows, dictionaries and roll-up in the same transaction.
 * @throws Error when the file cannot be opened, or a newer version of Callspan has written it
 */
export function createTelemetryStore({ file, now }: StoreOptions): TelemetryStore {
  const database = openDatabase(file);
  addMatches(database);
  const saver = createSaver(database, now);
  const rows = createRowReader(database);
  const calls = createCallReader(database, rows);
  const retention = createRetention(database, saver.forget);
  const findTrace = database.prepare('SELECT trace, state FROM traces WHERE trace_id = ?');
  const check = database.prepare('SELECT 1');
  return {
    save: saver.save,
    ...calls,
    findTrace(traceId) {
      const row = findTrace.get(Buffer.from(traceId, 'hex'));
      if (!row) return { spans: [], isComplete: true };
      return { spans: rows.listSpans(Number(row.trace), traceId, false), isComplete: row.state !== 'live' };
    },
    searchTraces: (search) => searchTraces(database, search),
    findMetric: createMetricReader(database),
    deleteOld: retention.deleteOld,
    deleteOldContent: retention.deleteOldContent,
    sweep: createSweep(database, saver),
    checkReady: () => void check.get(),
    close() {
      if (database.isOpen) database.close();
    },
  };
}
