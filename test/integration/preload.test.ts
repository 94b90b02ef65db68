import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver.ts';

const run = promisify(execFile);
const CLIENT = 3;
const SERVER = 2;

let receiver: OtlpReceiver;
let stdout = '';
const folder = mkdtempSync(join(tmpdir(), 'callspan-preload-'));
beforeAll(async () => {
  receiver = await startOtlpReceiver();
  const env = {
    ...process.env,
    NODE_OPTIONS: '',
    OTEL_SERVICE_NAME: 'fixture',
    LOG_FORMAT: 'json',
    CALLSPAN_DATA_DIR: folder,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    CALLSPAN_LIVE_ENDPOINT: `${receiver.url}/v1/pending`,
  };
  const args = ['--conditions=source', '--require', './otel/preload.cjs', 'test/fixtures/apps/traced-app.ts'];
  ({ stdout } = await run(process.execPath, args, { env }));
});
afterAll(() => {
  receiver.close();
  rmSync(folder, { recursive: true, force: true });
});

const finished = () => receiver.spans.filter((span) => span.path === '/v1/traces');
const childrenOf = (name: string) => {
  const parent = finished().find((span) => span.name === name);
  return finished().filter((span) => span.parentSpanId === parent?.spanId);
};

test.each(['by fetch', 'by http'])(
  'an outgoing request %s makes exactly one client span, below the work that made it',
  (name) => {
    expect(childrenOf(name).map((span) => span.kind)).toEqual([CLIENT]);
  },
);

test('the server span of a request is the child of its client span and has its route', () => {
  const servers = finished().filter((span) => span.kind === SERVER);
  expect(servers.map((span) => span.attributes['http.route'])).toEqual(['/jobs/:id', '/jobs/:id']);
  const clients = new Set(
    finished()
      .filter((span) => span.kind === CLIENT)
      .map((span) => span.spanId),
  );
  expect(servers.every((span) => clients.has(span.parentSpanId ?? ''))).toBe(true);
});

test('a health check makes no server span', () => {
  expect(finished().filter((span) => span.kind === SERVER && span.attributes['url.path'] === '/healthz')).toEqual([]);
});

test('no span keeps an address or user agent of a client', () => {
  const kept = receiver.spans.flatMap((span) => Object.keys(span.attributes));
  expect(kept.filter((key) => /^(client\.|network\.peer|user_agent)/.test(key))).toEqual([]);
});

test('spans of a call are announced when they start, and only those', () => {
  const announced = receiver.spans.filter((span) => span.path === '/v1/pending');
  expect(
    announced.every((span) => span.endTimeUnixNano === '0' && span.attributes['gen_ai.conversation.id'] === 'CA1'),
  ).toBe(true);
  expect(announced.map((span) => span.name)).toEqual(expect.arrayContaining(['voice.call', 'by fetch']));
});

test('a log line leaves as a record with its event name, scope and trace, and stands on stdout', () => {
  const call = finished().find((span) => span.name === 'voice.call');
  expect(receiver.logs).toEqual([
    expect.objectContaining({ eventName: 'fixture.worked', scope: 'Fixture', body: 'worked', traceId: call?.traceId }),
  ]);
  expect(JSON.parse(stdout)).toMatchObject({ msg: 'worked', trace_id: call?.traceId, level: 30 });
});

test('a file of the telemetry token that cannot be read is said in one line, as other settings are', async () => {
  const env = { PATH: process.env.PATH ?? '', CALLSPAN_TELEMETRY_TOKEN_FILE: '/nowhere/token' };
  const args = ['--conditions=source', '--require', './otel/preload.cjs', 'test/fixtures/apps/traced-app.ts'];
  const ended = await run(process.execPath, args, { env }).catch((error: unknown) => error);
  const stderr = 'callspan: CALLSPAN_TELEMETRY_TOKEN_FILE is "/nowhere/token"; expected a file that can be read\n';
  expect(ended).toMatchObject({ code: 1, stdout: '', stderr });
});

describe('without any preload', () => {
  const TWO_CALLS = `
    import { createCallspan } from 'callspan';
    const callspan = createCallspan();
    const call = () => callspan.startCall({ callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' });
    for (const one of [call(), call()]) one.end({ reason: 'bot_hangup', outcome: 'saved' });`;
  const start = async (args: readonly string[], more: object = {}) => {
    const env = { PATH: process.env.PATH ?? '', ...more };
    return run(process.execPath, ['--conditions=source', ...args, '--input-type=module', '--eval', TWO_CALLS], { env });
  };

  test('a bot that starts calls is told once what to do', async () => {
    const { stderr } = await start([]);
    expect(stderr).toMatch(/^callspan: calls are not traced.*--require callspan\/preload.*OTEL_SDK_DISABLED=true.*\n$/);
    expect(stderr.split('\n')).toHaveLength(2);
  });

  test('calls that a worker thread starts are told of as such: a preload that is there would change nothing', async () => {
    const code = TWO_CALLS.replace(
      "import { createCallspan } from 'callspan'",
      "const { createCallspan } = require('callspan')",
    );
    const inWorker = `new (require('node:worker_threads').Worker)(${JSON.stringify(code)}, { eval: true })`;
    const env = { PATH: process.env.PATH ?? '' };
    const { stderr } = await run(process.execPath, ['--conditions=source', '--eval', inWorker], { env });
    expect(stderr).toMatch(/^callspan: calls that a worker thread starts are not traced[^\n]*\n$/);
  });

  test('nothing is told when telemetry is off, or when the Node is too old another line', async () => {
    expect((await start([], { OTEL_SDK_DISABLED: 'true' })).stderr).toBe('');
    const { stderr } = await start(['--require', './test/fixtures/apps/old-node.cjs']);
    expect(stderr).toMatch(/^callspan: this Node is 20\.11\.0 and the kit needs [^\n]*\n$/);
  });
});

describe('under a Node that is too old', () => {
  const OLD =
    'callspan: this Node is 20.11.0 and the kit needs >=24.11.1: the bot runs without tracing. Install a newer Node to trace it';
  const APP = 'test/fixtures/apps/traced-app.ts';

  test.each(['preload', 'register'])('the %s says in one line which one is needed, and the bot runs', async (name) => {
    const args = ['--conditions=source', '--require', './test/fixtures/apps/old-node.cjs'];
    const before = receiver.spans.length;
    const env = { PATH: process.env.PATH ?? '', LOG_CONSOLE: 'off', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
    const { stderr } = await run(process.execPath, [...args, '--require', `./otel/${name}.cjs`, APP], { env });
    expect(stderr).toBe(`${OLD}\n`);
    expect(receiver.spans).toHaveLength(before);
  });
});
