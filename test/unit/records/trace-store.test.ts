import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { RecordsError } from '../../../services/records/domain/errors.ts';
import type { RecordStore } from '../../../services/records/domain/ports.ts';
import { traceRecordStore } from '../../../services/records/trace-store.ts';

const exporter = new InMemorySpanExporter();
beforeAll(() => {
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
});
beforeEach(() => exporter.reset());

const makeStore = (overrides: Partial<RecordStore> = {}): RecordStore => ({
  saveRecord: async () => ({ kind: 'reused' }),
  findRecord: async () => undefined,
  listRecords: async () => [],
  checkReady: async () => undefined,
  close: async () => undefined,
  ...overrides,
});

describe('traceRecordStore', () => {
  test('makes one client span per operation, named after it, and none for readiness checks', async () => {
    const store = traceRecordStore(makeStore(), 'sqlite');
    await store.findRecord('id');
    await store.listRecords('CA', 1);
    await store.checkReady();
    const spans = exporter.getFinishedSpans();
    expect(spans.map((span) => span.name)).toEqual(['SELECT records', 'SELECT records']);
    expect(spans[0]).toMatchObject({
      kind: SpanKind.CLIENT,
      attributes: { 'db.system.name': 'sqlite', 'db.operation.name': 'SELECT', 'db.collection.name': 'records' },
    });
  });

  test('passes results through, and puts no value of a record on the span', async () => {
    const store = traceRecordStore(makeStore(), 'sqlite');
    expect(await store.saveRecord({ idempotencyKey: 'private' } as never)).toEqual({ kind: 'reused' });
    const [span] = exporter.getFinishedSpans();
    expect(span?.name).toBe('INSERT records');
    expect(JSON.stringify(span?.attributes)).not.toContain('private');
  });

  test('marks the span of a failed operation and passes the same error on', async () => {
    const error = new RecordsError('unavailable', 'locked');
    const store = traceRecordStore(makeStore({ findRecord: () => Promise.reject(error) }), 'sqlite');
    await expect(store.findRecord('id')).rejects.toBe(error);
    expect(exporter.getFinishedSpans()[0]).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { 'error.type': 'unavailable' },
    });
  });
});
