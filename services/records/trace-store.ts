import { type Attributes, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { createInstruments, runForCall } from 'callspan';
import { Attr, SCOPE_NAME, StandardMetric } from 'callspan/conventions';
import { RecordsError } from './domain/errors.ts';
import type { RecordStore } from './domain/ports.ts';

const TABLE = 'records';

/**
 * Wraps a store so that each operation on the database is a CLIENT span (`INSERT records`, `SELECT records`; OpenTelemetry
 * semantic conventions for databases). For databases whose driver has no instrumentation of its own, such as `node:sqlite`;
 * readiness checks make no span. Each is also in `db.client.operation.duration`. Results and errors pass through unchanged.
 */
export function traceRecordStore(store: RecordStore, dbSystem: string): RecordStore {
  const tracer = trace.getTracer(SCOPE_NAME);
  const instruments = createInstruments();
  const traced = <T>(operation: string, run: () => Promise<T>): Promise<T> => {
    const attributes = { [Attr.dbSystem]: dbSystem, [Attr.dbOperation]: operation, [Attr.dbCollection]: TABLE };
    return tracer.startActiveSpan(`${operation} ${TABLE}`, { kind: SpanKind.CLIENT, attributes }, async (span) => {
      const startedAtMs = performance.now();
      const labels: Attributes = { ...attributes };
      try {
        return await run();
      } catch (error) {
        labels[Attr.errorType] = recordDatabaseError(span, error);
        throw error;
      } finally {
        span.end();
        instruments.record(StandardMetric.dbOperationDuration, (performance.now() - startedAtMs) / 1000, labels);
      }
    });
  };
  return {
    saveRecord: (toSave) => traced('INSERT', () => store.saveRecord(toSave)),
    findRecord: (id) => traced('SELECT', () => store.findRecord(id)),
    listRecords: (callSid, limit) => traced('SELECT', () => store.listRecords(callSid, limit)),
    checkReady: () => store.checkReady(),
    close: () => store.close(),
  };
}

/** Wraps a store so that the request's span and the database's carry the id of the call that they are for. */
export function nameCallsOfStore(store: RecordStore): RecordStore {
  return {
    ...store,
    saveRecord: (toSave) => runForCall(toSave.record.callSid, () => store.saveRecord(toSave)),
    listRecords: (callSid, limit) => runForCall(callSid, () => store.listRecords(callSid, limit)),
  };
}

/** @returns its kind */
function recordDatabaseError(span: Span, error: unknown): string {
  const kind = error instanceof RecordsError ? error.code : 'internal';
  span.setAttribute(Attr.errorType, kind);
  span.setStatus({ code: SpanStatusCode.ERROR, ...(error instanceof Error && { message: error.message }) });
  return kind;
}
