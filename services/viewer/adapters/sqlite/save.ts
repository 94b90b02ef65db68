import type { DatabaseSync } from 'node:sqlite';
import type { CallSummary } from '../../domain/call.ts';
import type { Batch, Changes } from '../../domain/ports.ts';
import { createDictionary, type Dictionary } from './dictionary.ts';
import { toStoreError } from './errors.ts';
import { createRollup, type Rollup } from './rollup.ts';
import {
  addToRow,
  createTraceRows,
  hasEnded,
  isCall,
  type TraceRow,
  type TraceRows,
  toCallSummary,
} from './trace-rows.ts';
import { inTransaction } from './transaction.ts';
import { createMetricWriter, type MetricWriter } from './write-metrics.ts';
import { createRowWriter, type RowWriter } from './write-rows.ts';

type Parts = {
  readonly rows: TraceRows;
  readonly writer: RowWriter;
  readonly rollup: Rollup;
  readonly metrics: MetricWriter;
};
/** A row that the batch touches, and how its call looked before. */
type Touched = { readonly row: TraceRow; readonly before: string; readonly rankBefore: string; isNews: boolean };

/** The writer of the store. */
export type Saver = {
  /** Stores spans, logs, metrics, summaries and roll-up in one transaction. @throws Error when none of it could be stored: ViewerError `busy` when it may be later */
  save(batch: Batch): Changes;
  /** Forgets cached ids; needed after rows of dictionaries were deleted. */
  forget(): void;
  /** Each id of a dictionary that is used from now on is added; null ends it. */
  watch: Dictionary['watch'];
};

/** @param now epoch milliseconds, the time of arrival */
export function createSaver(database: DatabaseSync, now: () => number): Saver {
  const dictionary = createDictionary(database);
  const parts: Parts = {
    rows: createTraceRows(database),
    writer: createRowWriter(database, dictionary),
    rollup: createRollup(database),
    metrics: createMetricWriter(database, dictionary),
  };
  const forget = () => {
    dictionary.forget();
    parts.rollup.forget();
    parts.metrics.forget();
  };
  return {
    forget,
    watch: dictionary.watch,
    save(batch) {
      try {
        return inTransaction(database, () => saveBatch(parts, batch, now()));
      } catch (cause) {
        forget();
        throw toStoreError(cause);
      }
    },
  };
}

function saveBatch(parts: Parts, { spans, logs, metrics = [] }: Batch, nowMs: number): Changes {
  const { rows, writer, rollup } = parts;
  const touched = new Map<string, Touched>();
  const touch = (traceId: string) => {
    const known = touched.get(traceId);
    if (known) return known;
    const row = rows.open(traceId, nowMs);
    const opened = { row, before: describe(row), rankBefore: rankOf(row), isNews: false };
    touched.set(traceId, opened);
    return opened;
  };
  const newSpans = spans.filter((span) => {
    const entry = touch(span.traceId);
    if (!writer.putSpan(entry.row.trace, span)) return false;
    entry.isNews = true;
    addToRow(entry.row, span);
    if (span.endNs !== 0n) rollup.add(span);
    return true;
  });
  const newLogs = logs.filter((log) => {
    const entry = log.traceId === '' ? undefined : touch(log.traceId);
    const isNew = writer.putLog(entry?.row.trace ?? 0, log);
    if (entry && isNew) entry.isNews = true;
    return isNew;
  });
  rollup.write();
  for (const point of metrics) parts.metrics.put(point);
  const calls = writeTouched(rows, [...touched.values()], nowMs);
  const callSidOf = (traceId: string) => touched.get(traceId)?.row.callSid ?? null;
  return { calls, logs: newLogs, spans: newSpans.map((span) => ({ span, callSid: callSidOf(span.traceId) })) };
}

function writeTouched(rows: TraceRows, touched: readonly Touched[], nowMs: number): CallSummary[] {
  const news = touched.filter(({ isNews }) => isNews);
  for (const { row } of news) {
    // Whatever comes of a call that was given up shows that it goes on.
    if (isCall(row)) row.state = hasEnded(row) ? 'ended' : 'live';
    rows.write(row, nowMs);
  }
  const calls = new Map<string, CallSummary>();
  for (const { row, rankBefore } of news) {
    if (row.callSid === null || rankOf(row) === rankBefore) continue;
    const nowShown = rows.chooseShown(row.callSid);
    if (nowShown) calls.set(row.callSid, toCallSummary(nowShown));
  }
  for (const { row, before } of news) {
    if (row.callSid !== null && describe(row) !== before && rows.isShown(row))
      calls.set(row.callSid, toCallSummary(row));
  }
  return [...calls.values()];
}

function describe(row: TraceRow): string {
  return isCall(row) ? JSON.stringify(toCallSummary(row)) : '';
}

function rankOf(row: TraceRow): string {
  return isCall(row) ? `${row.hasCall} ${row.startedUs}` : '';
}
