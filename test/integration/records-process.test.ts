import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { startPostgres, type TestPostgres } from '../helpers/postgres.ts';
import { makeNewRecord } from '../helpers/record.ts';
import { ask, postRecord } from '../helpers/records-api.ts';

type Span = {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
};

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const CALL_SID = 'CA00000000000000000000000000000ded';
const CLIENT = 3;
const spans: Span[] = [];
const children: ChildProcess[] = [];
const folder = mkdtempSync(join(tmpdir(), 'callspan-records-'));
let receiver: Server;
let postgres: TestPostgres;

beforeAll(async () => {
  receiver = createServer(async (request, response) => {
    const chunks = await request.toArray();
    if (request.url === '/v1/traces') spans.push(...readSpans(Buffer.concat(chunks).toString()));
    response.end('{}');
  }).listen(0, '127.0.0.1');
  postgres = await startPostgres();
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});
afterAll(async () => {
  receiver.close();
  await postgres.close();
  rmSync(folder, { recursive: true });
});

const readSpans = (body: string): Span[] =>
  JSON.parse(body).resourceSpans.flatMap((resource: { scopeSpans: { spans: Span[] }[] }) =>
    resource.scopeSpans.flatMap((scope) => scope.spans),
  );

function spawnRecords(env: Record<string, string>): ChildProcess {
  const { port } = receiver.address() as AddressInfo;
  const flags = ['--conditions=source', '--require', './otel/preload.cjs'];
  const child = spawn(process.execPath, [...flags, 'services/records/main.ts'], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      PATH: process.env.PATH,
      OTEL_SERVICE_NAME: 'records',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      CALLSPAN_DATA_DIR: folder,
      RECORDS_PORT: '0',
      ...env,
    },
  });
  children.push(child);
  return child;
}

async function waitUntilReady(child: ChildProcess): Promise<string> {
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`records ended with ${code}`)));
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [{ type: string; url: string }];
  ended.catch(() => undefined);
  expect(message.type).toBe('ready');
  return message.url;
}

async function readAll(stream: Readable | null): Promise<string> {
  const chunks = (await stream?.toArray()) ?? [];
  return Buffer.concat(chunks).toString();
}

describe('the records process', () => {
  test.each(['sqlite', 'postgresql'])(
    'puts its request and its %s row into the trace of the caller',
    async (system) => {
      const env = system === 'sqlite' ? {} : { DATABASE_URL: postgres.url };
      const child = spawnRecords(env as Record<string, string>);
      const printed = readAll(child.stdout);
      const url = await waitUntilReady(child);
      const traceparent = `00-${TRACE_ID}-b7ad6b7169203331-01`;
      const saved = await postRecord(url, '"traced"', makeNewRecord(), { traceparent });
      expect(saved.status).toBe(201);
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).toEqual([0, null]);

      const request = spans.findLast((span) => span.name === 'POST /records');
      expect(request).toMatchObject({ traceId: TRACE_ID, parentSpanId: 'b7ad6b7169203331' });
      const isInsert = (span: Span) => /^(pg\.query:)?INSERT /.test(span.name);
      const row = spans.filter((span) => span.parentSpanId === request?.spanId && isInsert(span));
      expect(row).toHaveLength(1);
      expect(row[0]).toMatchObject({ traceId: TRACE_ID, kind: CLIENT });
      const systems = row[0]?.attributes.filter(({ key }) => key.startsWith('db.system')).map(({ value }) => value);
      expect(systems).toContainEqual({ stringValue: system });

      const lines = (await printed).trim().split('\n');
      const line = lines.map((text) => JSON.parse(text)).find(({ event }) => event === 'http.request');
      expect(line).toMatchObject({
        trace_id: TRACE_ID,
        span_id: request?.spanId,
        'twilio.call.sid': makeNewRecord().callSid,
        route: '/records',
        status: 201,
      });
      expect(JSON.stringify(spans) + (await printed)).not.toMatch(/Léa|vaccin|0612345678/);
    },
  );

  test('names the call in the line of each request that is for one, a refused one too', async () => {
    const callSid = 'CA00000000000000000000000000000a11';
    const child = spawnRecords({});
    const printed = readAll(child.stdout);
    const url = await waitUntilReady(child);
    const { body: record } = await postRecord(url, '"named"', makeNewRecord({ callSid }));
    await postRecord(url, '"refused"', { ...makeNewRecord({ callSid }), language: 'xx' });
    await ask(`${url}/records?callSid=${callSid}`);
    await ask(`${url}/records/${record.id}`);
    await ask(`${url}/records?callSid=CA1`);
    await postRecord(url, '"none"', null);
    child.kill('SIGTERM');
    const lines = (await printed).trim().split('\n');
    const requests = lines.map((text) => JSON.parse(text)).filter(({ event }) => event === 'http.request');
    expect(requests.map(({ method, status, ...line }) => [method, status, line['twilio.call.sid']])).toEqual([
      ['POST', 201, callSid],
      ['POST', 400, callSid],
      ['GET', 200, callSid],
      ['GET', 200, callSid],
      ['GET', 400, undefined],
      ['POST', 400, undefined],
    ]);
  });

  test('loses no record that it acknowledged when it is killed, and makes none twice on the retry', async () => {
    const bodies = Array.from({ length: 40 }, (_, index) =>
      makeNewRecord({ callSid: CALL_SID, name: `caller ${index}` }),
    );
    const first = spawnRecords({});
    const url = await waitUntilReady(first);
    const acknowledged = new Map<number, unknown>();
    await Promise.allSettled(
      bodies.map(async (body, index) => {
        const { body: record } = await postRecord(url, `"kill-${index}"`, body);
        acknowledged.set(index, record.id);
        if (acknowledged.size === 10) first.kill('SIGKILL');
      }),
    );
    const again = await waitUntilReady(spawnRecords({}));
    const ids = await Promise.all(
      bodies.map(async (body, index) => (await postRecord(again, `"kill-${index}"`, body)).body.id),
    );
    const { body } = await ask(`${again}/records?callSid=${CALL_SID}`);
    expect((body.records as { id: string }[]).map(({ id }) => id).sort()).toEqual(ids.toSorted());
    expect([...acknowledged].every(([index, id]) => ids[index] === id)).toBe(true);
    expect(acknowledged.size).toBeGreaterThanOrEqual(10);
  });

  test('stops by itself when the process that started it is gone', async () => {
    const child = spawnRecords({});
    await waitUntilReady(child);
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('says in one line which port is in use and which variable to set', async () => {
    const first = spawnRecords({});
    const { port } = new URL(await waitUntilReady(first));
    const second = spawnRecords({ RECORDS_PORT: port });
    const said = readAll(second.stderr);
    expect(await once(second, 'exit')).toEqual([1, null]);
    expect(await said).toBe(`records: port ${port} is in use: stop what holds it, or set RECORDS_PORT\n`);
  });

  test('says in one line that the database does not answer, without its password', async () => {
    const child = spawnRecords({ DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:9/db' });
    const said = readAll(child.stderr);
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect(await said).toMatch(/^records: [^\n]*DATABASE_URL[^\n]*\n$/);
    expect(await said).not.toContain('hunter2');
  });
});
