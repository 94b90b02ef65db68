import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { request as startRequest } from 'node:http';
import { join } from 'node:path';
import { readViewerConfig } from '../../services/viewer/config.ts';
import { startViewer } from '../../services/viewer/start.ts';
import { spanIdOf, toTracesBody, traceIdOf } from '../helpers/otlp-samples.ts';
import { makeViewerConfig, startTestViewer, type TestViewer } from '../helpers/viewer.ts';

let viewer: TestViewer;
beforeAll(async () => {
  viewer = await startTestViewer();
  mkdirSync(join(viewer.folder, 'page', 'assets'), { recursive: true });
  writeFileSync(join(viewer.folder, 'page', 'index.html'), '<!doctype html><title>Callspan</title>');
  writeFileSync(join(viewer.folder, 'page', 'assets', 'index-abc.js'), 'export {};');
  const attributes = { 'gen_ai.conversation.id': 'CA1' };
  const spans = [
    { spanId: spanIdOf(1), name: 'POST /voice', attributes },
    { spanId: spanIdOf(2), parentSpanId: spanIdOf(1), name: 'voice.call', attributes },
  ];
  await viewer.post('/v1/traces', toTracesBody(spans));
});
afterAll(() => viewer.close());

const getPage = (path: string) => fetch(`${viewer.url}${path}`, { headers: { accept: 'text/html' } });

test.each(['/', '/calls/CA1', '/anything/else'])(
  '%s is the page, asked for again each time, under a strict policy',
  async (path) => {
    const response = await getPage(path);
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('<title>Callspan</title>')]);
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'self';/);
    expect(response.headers.get('content-security-policy')).not.toMatch(/unsafe/);
  },
);

test('the page and its files are given from below a folder whose name begins with a dot', async () => {
  const pageFolder = join(viewer.folder, '.worktrees', 'page');
  mkdirSync(join(pageFolder, 'assets'), { recursive: true });
  for (const name of ['index.html', 'icon.svg', 'assets/index-abc.js']) writeFileSync(join(pageFolder, name), name);
  const hidden = await startTestViewer({ pageFolder });
  try {
    const texts = ['/', '/calls/CA1', '/icon.svg', '/assets/index-abc.js'].map(async (path) => {
      const response = await fetch(`${hidden.url}${path}`, { headers: { accept: 'text/html' } });
      return `${response.status} ${await response.text()}`;
    });
    const index = '200 index.html';
    expect(await Promise.all(texts)).toEqual([index, index, '200 icon.svg', '200 assets/index-abc.js']);
    expect(hidden.errors).toEqual([]);
  } finally {
    await hidden.close();
  }
});

test('a search up to the latest second that can be written finds what there is', async () => {
  const path = '/tempo/api/search?q={}&start=1&end=9999999999';
  expect(await viewer.get(path)).toMatchObject({ status: 200, body: { traces: [{ traceID: traceIdOf(1) }] } });
  // Later than the last nanosecond that the store can hold: nothing begins there.
  const later = path.replace('start=1', 'start=9999999998');
  expect(await viewer.get(later)).toMatchObject({ status: 200, body: { traces: [] } });
});

test('the calls of some traces are given, whatever other traces there are, and a list that is none is refused', async () => {
  const ask = (traces: string) => viewer.get(`/api/v1/calls?traceId=${traces}`);
  const unknown = 'f'.repeat(32);
  expect((await ask(`${unknown},${traceIdOf(1).toUpperCase()}`)).body).toMatchObject({
    calls: [{ callSid: 'CA1', traceId: traceIdOf(1) }],
    nextBefore: null,
  });
  expect((await ask(unknown)).body).toEqual({ calls: [], nextBefore: null });
  for (const wrong of ['', 'x', `${unknown}0`, Array(101).fill('1').join(',')]) {
    expect(await ask(wrong)).toMatchObject({ status: 400, body: { error: { code: 'bad_request' } } });
  }
});

test('files with a hash in their name are kept for ever; one that is not there is not the page', async () => {
  const response = await getPage('/assets/index-abc.js');
  expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  expect((await getPage('/assets/index-old.js')).status).toBe(404);
});

test('calls and a call are given, and are kept by no cache', async () => {
  expect((await viewer.get('/api/v1/calls')).body).toMatchObject({
    calls: [{ callSid: 'CA1', state: 'ended' }],
    nextBefore: null,
  });
  expect((await viewer.get('/api/v1/calls?callSid=CA1')).body).toMatchObject({ calls: [{ callSid: 'CA1' }] });
  expect((await viewer.get('/api/v1/calls?callSid=CA2')).body).toEqual({ calls: [], nextBefore: null });
  expect((await viewer.get('/api/v1/calls/CA1')).body).toMatchObject({
    callSid: 'CA1',
    turnList: [],
    pending: [],
    logs: [],
  });
  expect((await fetch(`${viewer.url}/api/v1/calls`)).headers.get('cache-control')).toBe('no-store');
});

test('where telemetry is to be sent is told as it is: the port that the receiver has', async () => {
  const answer = await viewer.get('/api/v1/receiver');
  expect(answer).toEqual({ status: 200, body: { port: Number(new URL(viewer.otlpUrl).port) } });
});

test.each([
  ['/api/v1/calls/CA2', 404, 'not_found'],
  ['/api/v1/calls?limit=0', 400, 'bad_request'],
  ['/api/v1/calls?limit=abc', 400, 'bad_request'],
  ['/api/v1/calls?before=x', 400, 'bad_request'],
  ['/api/v1/nothing', 404, 'not_found'],
  ['/loki/api/v1/labels', 404, 'not_found'],
  ['/api/v1/calls/%zz', 400, 'bad_request'],
])('%s answers %i in the shape of every error', async (path, status, code) => {
  expect(await viewer.get(path)).toEqual({ status, body: { error: { code, message: expect.stringMatching(/\w/) } } });
});

test('every path of the description is answered, and its schemas hold together', async () => {
  const { body } = await viewer.get<{ paths: Record<string, object>; components: { schemas: Record<string, object> } }>(
    '/api/v1/openapi.json',
  );
  for (const path of Object.keys(body.paths).filter((name) => !name.endsWith('/live'))) {
    expect([path, (await viewer.get(path.replace('{callSid}', 'CA1'))).status]).toEqual([path, 200]);
  }
  for (const [, name] of JSON.stringify(body).matchAll(/#\/components\/schemas\/(\w+)/g)) {
    expect(body.components.schemas).toHaveProperty(name ?? '');
  }
  const call = (await viewer.get('/api/v1/calls/CA1')).body;
  const { required } = body.components.schemas.CallDetail as { required: string[] };
  expect(Object.keys(call).toSorted()).toEqual(required.toSorted());
});

test('only reading is answered', async () => {
  const response = await fetch(`${viewer.url}/api/v1/calls`, { method: 'POST' });
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});

test('health and readiness answer, and no other origin is let in', async () => {
  for (const path of ['/healthz', '/readyz']) expect((await viewer.get(path)).body).toEqual({ status: 'ok' });
  const response = await fetch(`${viewer.url}/api/v1/calls`, { headers: { origin: 'https://evil.example' } });
  expect(response.headers.get('access-control-allow-origin')).toBeNull();
});

test('a name that was pointed at this machine sees neither page nor data', async () => {
  for (const path of ['/', '/api/v1/calls', '/tempo/api/search']) {
    const status = await new Promise((resolve, reject) => {
      const request = startRequest(`${viewer.url}${path}`, { headers: { host: 'evil.example' } });
      request.on('response', (response) => resolve(response.resume().statusCode));
      request.on('error', reject).end();
    });
    expect([path, status]).toEqual([path, 403]);
  }
});

test('a page of another site is given nothing, but its links to the page work', async () => {
  const ask = (url: string, mode: string) =>
    new Promise((resolve, reject) => {
      const headers = {
        accept: 'text/html',
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': mode,
        'sec-fetch-dest': mode === 'navigate' ? 'document' : 'empty',
      };
      const request = startRequest(url, { headers });
      request.on('response', (response) => resolve(response.resume().statusCode));
      request.on('error', reject).end();
    });
  expect(await ask(`${viewer.url}/calls/CA1`, 'navigate')).toBe(200);
  for (const path of ['/', '/api/v1/calls']) expect(await ask(`${viewer.url}${path}`, 'no-cors')).toBe(403);
  expect(await ask(`${viewer.url}/tempo/api/search?q={}`, 'navigate')).toBe(403);
  expect(await ask(`${viewer.otlpUrl}/v1/traces`, 'navigate')).toBe(403);
});

test.each([
  '/tempo/api/traces/%zz',
  '/tempo/api/search?q=%zz',
  '/tempo/api/search?q=x&q=%7B%7D',
  '/tempo/api/search?limit=1&limit=2',
])('%s cannot be read: a bad request in plain text, as Tempo answers', async (path) => {
  const response = await fetch(`${viewer.url}${path}`);
  expect([response.status, response.headers.get('content-type')]).toEqual([400, 'text/plain; charset=utf-8']);
  expect(viewer.errors).toEqual([]);
});

test('with tokens both doors ask for theirs, and only health is open', async () => {
  const base = makeViewerConfig(join(viewer.folder, 'second'));
  const guarded = await startViewer({
    ...base,
    operations: { ...base.operations, token: 'one' },
    telemetry: { ...base.telemetry, token: 'two' },
  });
  const status = async (url: string, init: RequestInit = {}) => (await fetch(url, init)).status;
  const json = { 'content-type': 'application/json' };
  const body = JSON.stringify(toTracesBody([]));
  try {
    expect(await status(`${guarded.url}/healthz`)).toBe(200);
    expect(await status(`${guarded.url}/api/v1/calls`)).toBe(401);
    expect(await status(`${guarded.url}/api/v1/calls`, { headers: { authorization: 'Bearer two' } })).toBe(401);
    expect(await status(`${guarded.url}/api/v1/calls`, { headers: { authorization: 'Bearer one' } })).toBe(200);
    expect(await status(`${guarded.otlpUrl}/v1/traces`, { method: 'POST', headers: json, body })).toBe(401);
    const headers = { ...json, authorization: 'Bearer two' };
    expect(await status(`${guarded.otlpUrl}/v1/traces`, { method: 'POST', headers, body })).toBe(200);
  } finally {
    await guarded.close();
  }
});

test('what was stored is there after a restart', async () => {
  const first = await startTestViewer({}, join(viewer.folder, 'third'));
  const attributes = { 'gen_ai.conversation.id': 'CA9' };
  await first.post('/v1/traces', toTracesBody([{ spanId: spanIdOf(1), name: 'POST /voice', attributes }]));
  await first.close();
  const second = await startTestViewer({}, join(viewer.folder, 'third'));
  expect((await second.get('/api/v1/calls/CA9')).body).toMatchObject({ callSid: 'CA9' });
  await second.close();
});

test('a port in use ends the process with one line that names the variable, and a stop signal with 0', async () => {
  const port = new URL(viewer.url).port;
  const taken = await run({ VIEWER_PORT: port, VIEWER_OTLP_PORT: '0' });
  expect(taken).toEqual({
    code: 1,
    errors: `viewer: port ${port} is in use: stop what holds it, or set VIEWER_PORT\n`,
  });
  const otlpPort = new URL(viewer.otlpUrl).port;
  const takenOtlp = await run({ VIEWER_PORT: '0', VIEWER_OTLP_PORT: otlpPort });
  expect(takenOtlp.errors).toMatch(/VIEWER_OTLP_PORT\n$/);
  expect(await run({ VIEWER_PORT: '0', VIEWER_OTLP_PORT: '0' })).toEqual({ code: 0, errors: '' });
});

/** Runs the process until it ends, or until it says that it is ready: then it is told to stop. */
async function run(env: Record<string, string>): Promise<{ code: number; errors: string }> {
  const dataDir = join(viewer.folder, `run-${env.VIEWER_PORT}`);
  expect(readViewerConfig({ ...env, CALLSPAN_DATA_DIR: dataDir }).storeFile.startsWith(dataDir)).toBe(true);
  const child = spawn(process.execPath, ['--conditions=source', 'services/viewer/main.ts'], {
    env: { ...process.env, ...env, CALLSPAN_DATA_DIR: dataDir, NODE_OPTIONS: '' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let errors = '';
  child.stderr?.on('data', (text) => {
    errors += String(text);
  });
  child.on('message', () => child.kill('SIGTERM'));
  const [code] = await once(child, 'close');
  return { code: Number(code), errors };
}
