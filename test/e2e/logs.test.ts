import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type EventReader, openEventStream } from '../helpers/event-stream.ts';
import { type RunningSet, startSet } from '../helpers/running-set.ts';

const run = promisify(execFile);

type Line = Record<string, unknown> & { readonly event?: string; readonly msg: string; readonly time: number };
type Live = { readonly line: { readonly body: string; readonly timeMs: number } };

let set: RunningSet;
let live: EventReader;
let call: { readonly callSid: string; readonly traceId: string };
let seenAfterMs: number;
beforeAll(async () => {
  set = await startSet(['--speed', '3', '--no-call']);
  await set.said('Callspan is running');
  live = await openEventStream(`${set.address('VIEWER_PORT')}/api/v1/live`);
  const isStart = (body: string) => body === 'call started';
  const seen = live.readUntil(({ event, data }) => event === 'log' && isStart((data as Live).line.body));
  const placed = run(
    process.execPath,
    ['--conditions=source', 'services/caller/cli.ts', '--script', 'appointment-en', '--json'],
    { env: set.env },
  );
  const started = (await seen).at(-1)?.data as Live;
  seenAfterMs = Date.now() - started.line.timeMs;
  call = JSON.parse((await placed).stdout) as typeof call;
}, 60_000);
afterAll(async () => {
  live.close();
  await set.cleanUp();
});

const linesOf = (service: string): Line[] =>
  readFileSync(join(set.env.CALLSPAN_DATA_DIR ?? '', 'logs', service, 'combined.log'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

test('each step of a call is one line with call, stream and trace', () => {
  const lines = linesOf('bot').filter((line) => line['twilio.call.sid'] === call.callSid);
  const steps = lines.filter(({ event }) => event !== 'http.request');
  for (const line of lines) expect(line.trace_id).toBe(call.traceId);
  expect(new Set(steps.map((line) => line['twilio.stream.sid'])).size).toBe(1);
  expect(steps.map((line) => line['twilio.stream.sid'])).not.toContain(undefined);
  const count = (event: string) => steps.filter((line) => line.event === event).length;
  const turns = count('transcription.started');
  expect(turns).toBeGreaterThan(1);
  for (const event of ['transcription.received', 'reply.started', 'reply.finished', 'extraction.started']) {
    expect([event, count(event)]).toEqual([event, turns]);
  }
  for (const event of ['call.started', 'save.started', 'save.saved', 'call.performance', 'call.finished']) {
    expect([event, count(event)]).toEqual([event, 1]);
  }
});

test('each request is one line with method, route, status and duration, and probes are none', async () => {
  const probed = await fetch(`${set.address('BOT_METRICS_PORT')}/healthz`);
  expect(probed.status).toBe(200);
  const requests = [...linesOf('bot'), ...linesOf('records')].filter(({ event }) => event === 'http.request');
  expect(requests).toContainEqual(
    expect.objectContaining({ method: 'POST', route: '/voice', status: 200, durationMs: expect.any(Number) }),
  );
  expect(requests).toContainEqual(expect.objectContaining({ method: 'POST', route: '/records', status: 201 }));
  const routes = new Set(requests.map(({ route }) => route));
  expect([...routes].sort()).toEqual(['/records', '/status', '/stream-status', '/voice']);
});

test('a line is to be seen in the viewer within five seconds', () => {
  expect(seenAfterMs).toBeLessThan(5000);
});

test('every service says where its telemetry goes, and those that have some, that it arrives', () => {
  const endpoint = set.address('VIEWER_OTLP_PORT');
  for (const service of ['bot', 'records', 'viewer', 'caller', 'openai']) {
    const [started] = linesOf(service).filter(({ event }) => event === 'service.started');
    const isTraced = service === 'bot' || service === 'records';
    const place = isTraced ? endpoint : 'off';
    expect(started).toMatchObject({ service, traces: place, metrics: place, logs: place });
    const arrivals = linesOf(service).filter(({ event }) => event === 'dependency.up');
    expect([service, arrivals.map(({ msg }) => msg)]).toEqual([
      service,
      isTraced ? [`traces, metrics and logs arrive at ${endpoint}`] : [],
    ]);
  }
});

test('the terminal of the set has none of their lines', () => {
  expect(set.output()).not.toContain('call started');
});
