import type { DatabaseSync } from 'node:sqlite';
import { Attr, LogEvent, SpanName } from 'callspan/conventions';
import type { CallDetail, CallPage, CallSummary, TurnSummary } from '../../domain/call.ts';
import type { CallSelection } from '../../domain/ports.ts';
import type { LogRecord, SpanRecord } from '../../domain/telemetry.ts';
import { toLogLine, toSpanView, toText } from '../../domain/views.ts';
import { findText, findTurnIndex } from './call-facts.ts';
import type { RowReader } from './read-rows.ts';
import { parseTraceRow, ROW_COLUMNS, toCallSummary } from './trace-rows.ts';

/** Log records given with a call. */
const MAX_LOGS = 2000;

/** Calls read from their summary rows. */
export type CallReader = {
  listCalls(selection: CallSelection): CallPage;
  findCall(callSid: string): CallDetail | undefined;
  markLost(beforeMs: number): CallSummary[];
  findQuietest(): number | undefined;
};

/** @param rows reader of the same database */
export function createCallReader(database: DatabaseSync, rows: RowReader): CallReader {
  const list = database.prepare(
    `SELECT ${ROW_COLUMNS} FROM traces WHERE shown = 1 AND started_us < ? ORDER BY started_us DESC LIMIT ?`,
  );
  const find = database.prepare(`SELECT ${ROW_COLUMNS} FROM traces WHERE call_sid = ? AND shown = 1`);
  const findOfTraces = database.prepare(
    `SELECT ${ROW_COLUMNS} FROM traces WHERE shown = 1 AND call_sid IN
     (SELECT call_sid FROM traces WHERE trace_id IN (SELECT unhex(value) FROM json_each(?))) ORDER BY started_us DESC`,
  );
  const lose = database.prepare(
    `UPDATE traces SET state = 'lost' WHERE shown = 1 AND state = 'live' AND last_seen_ms < ? RETURNING ${ROW_COLUMNS}`,
  );
  const quietest = database.prepare(`SELECT min(last_seen_ms) AS ms FROM traces WHERE shown = 1 AND state = 'live'`);
  return {
    listCalls({ limit, beforeMs, callSid, traceIds }) {
      if (traceIds !== undefined) {
        const rows = findOfTraces.all(JSON.stringify(traceIds));
        return { calls: rows.map((row) => toCallSummary(parseTraceRow(row))), nextBefore: null };
      }
      if (callSid !== undefined) {
        return { calls: find.all(callSid).map((row) => toCallSummary(parseTraceRow(row))), nextBefore: null };
      }
      const beforeUs = beforeMs === undefined ? Number.MAX_SAFE_INTEGER : Math.round(beforeMs * 1000);
      // One more than asked for says whether there is another page.
      const found = list.all(beforeUs, limit + 1).map((row) => toCallSummary(parseTraceRow(row)));
      const calls = found.slice(0, limit);
      return { calls, nextBefore: found.length > limit ? (calls.at(-1)?.startedAtMs ?? null) : null };
    },
    findCall(callSid) {
      const found = find.get(callSid);
      if (!found) return undefined;
      const row = parseTraceRow(found);
      const pending = rows.listSpans(row.trace, row.traceId, true);
      const finished = rows.listSpans(row.trace, row.traceId, false);
      const logs = rows.listLogs(row.trace, row.traceId, MAX_LOGS);
      return {
        ...toCallSummary(row),
        turnList: listTurns([...finished, ...pending], logs),
        pending: pending.map(toSpanView),
        logs: logs.map(toLogLine),
      };
    },
    markLost: (beforeMs) => lose.all(beforeMs).map((row) => toCallSummary(parseTraceRow(row))),
    findQuietest() {
      const ms = quietest.get()?.ms;
      return typeof ms === 'number' ? ms : undefined;
    },
  };
}

function listTurns(spans: readonly SpanRecord[], logs: readonly LogRecord[]): TurnSummary[] {
  const said = gatherTexts(logs, LogEvent.transcript);
  const replied = gatherTexts(logs, LogEvent.reply);
  const turns = spans
    .filter((span) => span.name === SpanName.turn)
    .map((span): TurnSummary => {
      const { startMs, durationMs } = toSpanView(span);
      const index = findTurnIndex(span) ?? 0;
      return {
        index,
        startedAtMs: startMs,
        durationMs,
        endReason: findText(span, Attr.turnEndReason),
        transcribed: said.get(index) ?? null,
        replied: replied.get(index) ?? null,
      };
    });
  return turns.sort((one, other) => one.index - other.index || one.startedAtMs - other.startedAtMs);
}

/** Bodies of the records of one event, by turn; a turn that has several says them one after the other. */
function gatherTexts(logs: readonly LogRecord[], eventName: string): ReadonlyMap<number, string> {
  const texts = new Map<number, string>();
  for (const log of logs) {
    if (log.eventName !== eventName) continue;
    const given = log.attributes[Attr.turnIndex] ?? 0;
    if (typeof given !== 'number' && typeof given !== 'bigint') continue;
    const index = Number(given);
    const before = texts.get(index);
    texts.set(index, before === undefined ? toText(log.body) : `${before} ${toText(log.body)}`);
  }
  return texts;
}
