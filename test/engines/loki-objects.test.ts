import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './stage/engine.ts';
import { toLogRequest } from './stage/log-records.ts';
import { type RunningLoki, startLoki } from './stage/loki.ts';
import { type ObjectStore, startObjectStore } from './stage/object-store.ts';
import { OWN } from './stage/own-files.ts';

const TRACE_ID = '1'.repeat(32);
const WITHIN_MS = 20_000;

let folder: string;
let store: ObjectStore;
let loki: RunningLoki | undefined;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-loki-objects-'));
  store = await startObjectStore();
});
afterEach(async () => {
  await loki?.stop();
  store.close();
  rmSync(folder, { recursive: true });
});

/** Loki on the store, with a disk that nothing is on. */
const startOnEmptyDisk = (disk: string) =>
  startLoki({
    folder: join(folder, disk),
    file: OWN.lokiObjectStorage,
    env: {
      CALLSPAN_S3_ENDPOINT: store.endpoint,
      CALLSPAN_S3_INSECURE: 'true',
      CALLSPAN_S3_PATH_STYLE: 'true',
      CALLSPAN_S3_ACCESS_KEY_ID: 'made-up',
      CALLSPAN_S3_SECRET_ACCESS_KEY: 'made-up',
    },
  });

test('Loki on object storage loses its disk and still has its lines', async () => {
  loki = await startOnEmptyDisk('one');
  const headers = { 'content-type': 'application/json' };
  const body = toLogRequest([{ service: 'bot', body: 'a line', traceId: TRACE_ID }]);
  await loki.ask('/otlp/v1/logs', { method: 'POST', headers, body });
  await loki.ask('/flush', { method: 'POST' });
  await eventually('the chunk is in the store', WITHIN_MS, () =>
    store.keys().some((key) => key.startsWith('callspan-logs/fake/')),
  );
  // It hands its index over when it stops.
  await loki.stop();
  expect(store.keys().filter((key) => key.startsWith('callspan-logs/index/index_'))).not.toEqual([]);
  loki = await startOnEmptyDisk('two');
  expect((await loki.query(`{service_name="bot"} | trace_id="${TRACE_ID}"`)).map(({ line }) => line)).toEqual([
    'a line',
  ]);
}, 90_000);
