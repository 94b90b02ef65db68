import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { type CallEndReason, type CallOutcome, SpanName } from 'callspan/conventions';
import type { CallState, CallSummary } from '../../domain/call.ts';
import type { SpanRecord } from '../../domain/telemetry.ts';
import { findServiceName } from '../../domain/views.ts';
import { addToFacts, type CallFacts, createCallFacts, findCallSid } from './call-facts.ts';

/** The summary row of a trace while a batch changes it. */
export type TraceRow = {
  readonly trace: number;
  readonly traceId: string;
  startNs: bigint | null;
  endNs: bigint | null;
  rootService: string | null;
  rootName: string | null;
  callSid: string | null;
  /** More than one CallSid was seen in the trace. */
  mixed: boolean;
  hasCall: boolean;
  state: CallState | null;
  startedUs: number | null;
  readonly facts: CallFacts;
};

/** The columns of a row, in the form in which JavaScript can read them: nanoseconds do not fit into a Number. */
export const ROW_COLUMNS = `trace, hex(trace_id) AS trace_id, CAST(start_ns AS TEXT) AS start_ns, CAST(end_ns AS TEXT) AS end_ns,
  root_service, root_name, call_sid, mixed, has_call, state, started_us, facts`;

/** A row read with {@link ROW_COLUMNS}. */
export function parseTraceRow(row: Record<string, SQLOutputValue>): TraceRow {
  const text = (value: SQLOutputValue | undefined) => (typeof value === 'string' ? value : null);
  const ns = (value: SQLOutputValue | undefined) => (typeof value === 'string' ? BigInt(value) : null);
  const facts = text(row.facts);
  return {
    trace: Number(row.trace),
    traceId: String(row.trace_id).toLowerCase(),
    startNs: ns(row.start_ns),
    endNs: ns(row.end_ns),
    rootService: text(row.root_service),
    rootName: text(row.root_name),
    callSid: text(row.call_sid),
    mixed: row.mixed === 1,
    hasCall: row.has_call === 1,
    state: text(row.state) as CallState | null,
    startedUs: typeof row.started_us === 'number' ? row.started_us : null,
    // Rows that were written before a fact was gathered have none of it.
    facts: { ...createCallFacts(), ...(facts === null ? {} : (JSON.parse(facts) as Partial<CallFacts>)) },
  };
}

/** Whether the trace is listed as a call: its webhook or its `voice.call` is known. */
export function isCall(row: TraceRow): boolean {
  return row.callSid !== null && (row.hasCall || row.facts.hasWebhook);
}

/** Whether the end of the call is known: its own, or Twilio's word of one that never had a stream. */
export function hasEnded(row: TraceRow): boolean {
  return row.facts.hasEnded || findHangUpMs(row) !== null;
}

// What has a stream ends with it: Twilio's word may come while the bot still has to wrap up.
function findHangUpMs({ hasCall, startedUs, facts: { hangUpUs } }: TraceRow): number | null {
  return hasCall || startedUs === null || hangUpUs === null ? null : Math.max(0, hangUpUs - startedUs) / 1000;
}

/** Adds a span that is new, or has ended now. */
export function addToRow(row: TraceRow, span: SpanRecord): void {
  addToFacts(row.facts, span);
  const callSid = findCallSid(span);
  if (callSid !== null && row.callSid !== null && callSid !== row.callSid) row.mixed = true;
  row.callSid ??= callSid;
  if (span.name === SpanName.call) row.hasCall = true;
  if (span.name === SpanName.call || span.name === SpanName.webhookVoice) {
    const startUs = Number(span.startNs / 1000n);
    row.startedUs = row.startedUs === null ? startUs : Math.min(row.startedUs, startUs);
  }
  if (span.endNs === 0n) return;
  if (row.startNs === null || span.startNs < row.startNs) row.startNs = span.startNs;
  if (row.endNs === null || span.endNs > row.endNs) row.endNs = span.endNs;
  if (span.parentSpanId === '' && row.rootName === null) {
    row.rootName = span.name;
    row.rootService = findServiceName(span.resource.attributes);
  }
}

/** The call as the list shows it. @throws Error when the row is no call's */
export function toCallSummary(row: TraceRow): CallSummary {
  if (row.callSid === null || row.startedUs === null) throw new Error(`trace ${row.traceId} has no call`);
  const { facts, state } = row;
  const hangUpMs = findHangUpMs(row);
  const left: (CallOutcome & CallEndReason) | null = hangUpMs === null ? null : 'abandoned';
  return {
    callSid: row.callSid,
    traceId: row.traceId,
    streamSid: facts.streamSid,
    state: state ?? 'live',
    outcome: facts.outcome ?? left,
    endReason: facts.endReason ?? left,
    language: facts.language,
    direction: facts.direction,
    callerHash: facts.callerHash,
    startedAtMs: row.startedUs / 1000,
    durationMs: state === 'lost' ? findSeenMs(row) : (facts.durationMs ?? hangUpMs),
    turns: facts.turns,
    worstStage: facts.worst,
    waits: facts.waits,
    cost: facts.cost ?? (facts.spentUsd === null ? null : { usd: facts.spentUsd, isKnown: false }),
    errors: facts.errors,
    services: facts.services,
  };
}

// A call whose end nobody saw lasted at least until the last thing that ended in it.
function findSeenMs(row: TraceRow): number | null {
  return row.endNs === null || row.startedUs === null ? null : Number(row.endNs / 1000n) / 1000 - row.startedUs / 1000;
}

/** Rows of a database, found or made by trace id, and written back. */
export type TraceRows = {
  open(traceId: string, nowMs: number): TraceRow;
  write(row: TraceRow, nowMs: number): void;
  /** Of several traces of one CallSid (a webhook sent twice) only the best is listed: with `voice.call`, then the newest.
   * Returns the row that is listed from now on, undefined when it is the one that was. */
  chooseShown(callSid: string): TraceRow | undefined;
  isShown(row: TraceRow): boolean;
};

/** @param database with the schema of this folder */
export function createTraceRows(database: DatabaseSync): TraceRows {
  const find = database.prepare(`SELECT ${ROW_COLUMNS} FROM traces WHERE trace_id = ?`);
  const add = database.prepare('INSERT INTO traces (trace_id, last_seen_ms) VALUES (?, ?)');
  const update = database.prepare(
    `UPDATE traces SET last_seen_ms = ?, start_ns = ?, end_ns = ?, root_service = ?, root_name = ?, call_sid = ?, mixed = ?,
     has_call = ?, state = ?, started_us = ?, facts = ? WHERE trace = ?`,
  );
  const choose = database.prepare(
    `UPDATE traces SET shown = (trace = (SELECT trace FROM traces WHERE call_sid = ?1 AND started_us IS NOT NULL
     ORDER BY has_call DESC, started_us DESC LIMIT 1)) WHERE call_sid = ?1`,
  );
  const shownOf = database.prepare(`SELECT ${ROW_COLUMNS} FROM traces WHERE call_sid = ? AND shown = 1`);
  const shown = database.prepare('SELECT shown FROM traces WHERE trace = ?');
  return {
    open(traceId, nowMs) {
      const id = Buffer.from(traceId, 'hex');
      const row = find.get(id);
      if (row) return parseTraceRow(row);
      const trace = Number(add.run(id, nowMs).lastInsertRowid);
      return parseTraceRow({ trace, trace_id: traceId });
    },
    write(row, nowMs) {
      update.run(
        nowMs,
        row.startNs,
        row.endNs,
        row.rootService,
        row.rootName,
        row.callSid,
        Number(row.mixed),
        Number(row.hasCall),
        row.state,
        row.startedUs,
        JSON.stringify(row.facts),
        row.trace,
      );
    },
    chooseShown(callSid) {
      const before = shownOf.get(callSid)?.trace;
      choose.run(callSid);
      const row = shownOf.get(callSid);
      return row && row.trace !== before ? parseTraceRow(row) : undefined;
    },
    isShown: (row) => shown.get(row.trace)?.shown === 1,
  };
}
