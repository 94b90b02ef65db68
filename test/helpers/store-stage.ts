import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { acceptLogs, acceptSpans } from '../../services/viewer/adapters/otlp/accept.ts';
import { parseLogsJson } from '../../services/viewer/adapters/otlp/json-logs.ts';
import { parseTracesJson } from '../../services/viewer/adapters/otlp/json-traces.ts';
import { createTelemetryStore } from '../../services/viewer/adapters/sqlite/store.ts';
import type { TelemetryStore } from '../../services/viewer/domain/ports.ts';
import { type SampleLog, type SampleSpan, spanIdOf, T0_MS, toLogsBody, toTracesBody } from './otlp-samples.ts';

/** A real store in a folder of its own, new for each test of the file that calls this. */
export type StoreStage = {
  readonly folder: string;
  readonly file: string;
  store: TelemetryStore;
  /** What the store takes for now, epoch milliseconds. */
  nowMs: number;
  saveSpans(spans: readonly SampleSpan[], service?: string): ReturnType<TelemetryStore['save']>;
  saveLogs(logs: readonly SampleLog[]): ReturnType<TelemetryStore['save']>;
  /** Rows of the file itself, past the store. */
  query(sql: string): ReturnType<ReturnType<DatabaseSync['prepare']>['all']>;
};

/** Registers the opening and closing of the store around each test. */
export function openStoreStage(): StoreStage {
  let folder = '';
  const stage: Omit<StoreStage, 'store'> & { store: TelemetryStore | undefined } = {
    get folder() {
      return folder;
    },
    get file() {
      return join(folder, 'viewer', 'store.db');
    },
    store: undefined,
    nowMs: T0_MS,
    saveSpans: (spans, service) => {
      const bytes = toBytes(toTracesBody(spans, service));
      const kept = [true, false].flatMap((open) => acceptSpans(parseTracesJson(bytes), { open }).kept);
      return opened().save({ spans: kept, logs: [] });
    },
    saveLogs: (logs) => opened().save({ spans: [], logs: acceptLogs(parseLogsJson(toBytes(toLogsBody(logs)))).kept }),
    query(sql) {
      const database = new DatabaseSync(stage.file, { readOnly: true });
      try {
        return database.prepare(sql).all();
      } finally {
        database.close();
      }
    },
  };
  const opened = (): TelemetryStore => {
    if (!stage.store) throw new Error('the store is open inside tests only');
    return stage.store;
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'callspan-store-'));
    stage.nowMs = T0_MS;
    stage.store = createTelemetryStore({ file: stage.file, now: () => stage.nowMs });
  });
  afterEach(() => {
    opened().close();
    rmSync(folder, { recursive: true, force: true });
  });
  return stage as StoreStage;
}

/** A body as it comes over the wire. */
export const toBytes = (body: object) => Buffer.from(JSON.stringify(body));

/** The spans of one call: its webhook, the call itself, and its turns. */
export const sid = { 'gen_ai.conversation.id': 'CA1' };
export const webhook: SampleSpan = { spanId: spanIdOf(1), name: 'POST /voice', kind: 2, endMs: 6, attributes: sid };
export const call: SampleSpan = {
  spanId: spanIdOf(2),
  parentSpanId: spanIdOf(1),
  name: 'voice.call',
  startMs: 30,
  endMs: 9030,
  attributes: {
    ...sid,
    'twilio.stream.sid': 'MZ1',
    'voice.call.outcome': 'saved',
    'voice.call.end_reason': 'bot_hangup',
    'voice.call.language': 'fr',
    'voice.call.direction': 'inbound',
    'voice.caller.hash': 'abcd',
  },
};
export const turn = (index: number): SampleSpan => ({
  spanId: spanIdOf(10 + index),
  parentSpanId: spanIdOf(2),
  name: 'voice.turn',
  startMs: 100 + index * 1000,
  endMs: 900 + index * 1000,
  attributes: { ...sid, 'voice.turn.index': index, 'voice.turn.end_reason': 'completed' },
});
