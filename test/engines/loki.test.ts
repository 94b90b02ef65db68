import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogEvent } from 'callspan/conventions';
import { eventually } from './stage/engine.ts';
import { type SentRecord, toLogRequest } from './stage/log-records.ts';
import { type RunningLoki, startLoki } from './stage/loki.ts';
import { OWN } from './stage/own-files.ts';

const HOUR_MS = 3_600_000;
const WITHIN_MS = 30_000;
const ALL = '{service_namespace="callspan"}';

/** What the file says in minutes and hours. Loki adds a minute of its own to the time in which an erasure can be taken back. */
const SHORT = {
  'checkpoint_duration: 5m': 'checkpoint_duration: 1s',
  'compaction_interval: 10m': 'compaction_interval: 1s',
  'retention_delete_delay: 2h': 'retention_delete_delay: 1s',
  'delete_request_cancel_period: 24h': 'delete_request_cancel_period: -57s',
} as const;

const ERASED = { callSid: 'CA00000000000000000000000000000001', traceId: '10000000000000000000000000000001' };
const TAKEN_BACK = { callSid: 'CA00000000000000000000000000000002', traceId: '20000000000000000000000000000002' };
const KEPT = { callSid: 'CA00000000000000000000000000000003', traceId: '30000000000000000000000000000003' };

let folder: string;
let loki: RunningLoki;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-loki-'));
  await start(SHORT);
  await send([
    { service: 'bot', body: 'call started', ...ERASED },
    // A service that is not told of the call: only the trace says whose line it is.
    { service: 'records', body: 'record saved', traceId: ERASED.traceId },
    { service: 'bot', body: 'call started', ...TAKEN_BACK },
    { service: 'bot', body: 'call started', ...KEPT },
  ]);
}, 60_000);

afterAll(async () => {
  await loki?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function send(records: readonly SentRecord[]): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  await loki.ask('/otlp/v1/logs', { method: 'POST', headers, body: toLogRequest(records) });
}

/** Starts Loki with a changed copy of its file. */
async function start(changes: Readonly<Record<string, string>>): Promise<void> {
  const file = join(folder, 'loki.yaml');
  const text = Object.entries(changes).reduce(
    (sum, [from, to]) => {
      expect(sum).toContain(from);
      return sum.replace(from, to);
    },
    readFileSync(OWN.loki, 'utf8'),
  );
  writeFileSync(file, text);
  loki = await startLoki({ folder: join(folder, 'data'), file });
}

/** What Loki holds is written to chunks, and its log is two checkpoints further: it reads none of it again. */
async function flush(): Promise<void> {
  await loki.ask('/flush', { method: 'POST' });
  const findCheckpoint = () => {
    const names = readdirSync(join(folder, 'data', 'wal')).filter((name) => /^checkpoint\.\d+$/.test(name));
    return Math.max(0, ...names.map((name) => Number(name.split('.')[1])));
  };
  const before = findCheckpoint();
  await eventually('the log is shorter', WITHIN_MS, () => findCheckpoint() >= before + 2);
}

/** `SERVICE: BODY` of all lines that Loki has, in order of time. */
async function listLines(): Promise<readonly string[]> {
  const lines = await loki.query(ALL, 100);
  return lines.map(({ labels, line }) => `${labels.service_name} ${labels.trace_id?.[0]}: ${line}`).sort();
}

test('Loki has three labels in its index and no other, and finds a line by its trace id', async () => {
  const { data } = JSON.parse(await loki.ask('/loki/api/v1/labels?since=30m')) as { data: readonly string[] };
  expect(data.toSorted()).toEqual(['deployment_environment_name', 'service_name', 'service_namespace']);
  const found = await loki.query(`${ALL} | trace_id="${ERASED.traceId}"`);
  expect(found.map(({ line }) => line).sort()).toEqual(['call started', 'record saved']);
  expect(found.find(({ line }) => line === 'call started')?.labels).toMatchObject({
    gen_ai_conversation_id: ERASED.callSid,
    host_name: 'some-host',
    scope_name: 'Bootstrap',
    severity_text: 'INFO',
  });
});

test('lines that waited in a spool are taken though newer ones came before them, and found once they are written', async () => {
  await send([
    { service: 'bot', body: 'three days ago', atMs: Date.now() - 72 * HOUR_MS, ...KEPT },
    { service: 'bot', body: 'yesterday', atMs: Date.now() - 30 * HOUR_MS, ...KEPT },
    { service: 'bot', body: 'said yesterday', atMs: Date.now() - 30 * HOUR_MS, event: LogEvent.transcript, ...KEPT },
    { service: 'bot', body: 'said today', event: LogEvent.transcript, ...KEPT },
  ]);
  await loki.ask('/flush', { method: 'POST' });
  await eventually('every line is found', WITHIN_MS, async () => (await listLines()).length === 8);
});

// The steps of docs/erasure.md, as they stand there.
test('an erased call is gone from the index, one whose erasure was taken back is not, and what is too old goes by itself', async () => {
  await flush();
  // An index is handed over every quarter of an hour, and when Loki stops. Loki keeps a copy that it hands over again when it
  // is started anew; it drops it in the hour, a day before any erasure begins.
  await loki.stop();
  rmSync(join(folder, 'data', 'tsdb-shipper-active'), { recursive: true });
  await start(SHORT);
  await erase(TAKEN_BACK);
  const [request] = await listRequests();
  await loki.ask(`/loki/api/v1/delete?request_id=${request?.request_id}&force=true`, { method: 'DELETE' });
  expect(await listRequests()).toEqual([]);
  await erase(ERASED);
  await eraseContent(Date.now() - 20 * HOUR_MS);
  await eventually('the erasure is done', WITHIN_MS, async () =>
    (await listRequests()).every(({ status }) => status === 'processed'),
  );
  // Without deletions Loki hides nothing: what is not found now is not there.
  await loki.stop();
  await start({ 'deletion_mode: filter-and-delete': 'deletion_mode: disabled' });
  const left = ['bot 2: call started', 'bot 3: call started', 'bot 3: said today', 'bot 3: yesterday'];
  expect(await listLines()).toEqual(left);
}, 120_000);

function erase({ callSid, traceId }: typeof ERASED): Promise<string> {
  const [call = ''] = listDocumentedQueries();
  return askForDeletion(call.replace('CALL', callSid).replace('TRACE', traceId), Date.now());
}

function eraseContent(beforeMs: number): Promise<string> {
  return askForDeletion(listDocumentedQueries()[1] ?? '', beforeMs);
}

function listDocumentedQueries(): readonly string[] {
  return [...readFileSync('docs/erasure.md', 'utf8').matchAll(/'query=([^']*)'/g)].map(([, query = '']) => query);
}

function askForDeletion(query: string, beforeMs: number): Promise<string> {
  const end = String(Math.floor(beforeMs / 1000));
  const start = String(Math.floor(Date.now() / 1000) - 30 * 24 * 3600);
  return loki.ask(`/loki/api/v1/delete?${new URLSearchParams({ query, start, end })}`, { method: 'POST' });
}

async function listRequests() {
  return JSON.parse(await loki.ask('/loki/api/v1/delete')) as {
    readonly request_id: string;
    readonly status: string;
  }[];
}
