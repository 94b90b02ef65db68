import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMetricsReceiver } from '../helpers/metrics-receiver.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver.ts';

let receiver: OtlpReceiver;
let folder: string;
beforeEach(async () => {
  receiver = await startOtlpReceiver();
  folder = mkdtempSync(join(tmpdir(), 'callspan-exceptions-'));
});
afterEach(() => {
  receiver.close();
  rmSync(folder, { recursive: true, force: true });
});

type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Runs the failing application, with the kit or as Node alone would run it. */
async function runApp(args: readonly string[], env: NodeJS.ProcessEnv = {}, withKit = true): Promise<Ended> {
  const preload = withKit ? ['--require', './otel/preload.cjs'] : [];
  const child = spawn(
    process.execPath,
    ['--conditions=source', ...preload, 'test/fixtures/apps/failing-app.ts', ...args],
    {
      env: {
        PATH: process.env.PATH,
        LOG_DIR: folder,
        OTEL_SERVICE_NAME: 'fixture',
        OTEL_METRICS_EXPORTER: 'none',
        CALLSPAN_SPOOL: 'off',
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        ...env,
      },
    },
  );
  const out = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    out.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    out.stderr += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...out };
}

const exceptions = () => receiver.logs.filter(({ eventName }) => eventName === 'exception');
/** Frames below the application's own say how it was called: with the kit by a context. */
const firstLines = ({ stderr }: Ended) => stderr.split('\n').slice(0, 6);

test('a rejection that nobody handled is recorded with its call, delivered, and ends the process as Node would', async () => {
  const ended = await runApp(['reject']);
  expect(ended.code).toBe(1);
  const spans = receiver.spans.filter(({ name }) => name === 'voice.call');
  expect(spans.map(({ attributes }) => attributes)).toEqual([
    expect.objectContaining({ 'voice.call.end_reason': 'shutdown', 'voice.call.outcome': 'interrupted' }),
  ]);
  expect(receiver.spans.map(({ name }) => name)).toContain('voice.turn');
  expect(exceptions()).toEqual([
    expect.objectContaining({ body: 'unhandled rejection: RangeError', traceId: spans[0]?.traceId, scope: 'Process' }),
  ]);
  const plain = await runApp(['reject'], { OTEL_SDK_DISABLED: 'true' }, false);
  expect(plain.code).toBe(1);
  expect(firstLines(ended)).toEqual(firstLines(plain));
  expect(ended.stderr).toMatch(new RegExp(`\n\nNode.js ${process.version}\n$`));
});

test('an error that was thrown leaves stack and class in error.log, and its words nowhere', async () => {
  const ended = await runApp(['throw']);
  expect(ended.code).toBe(1);
  expect(ended.stderr).toContain('RangeError: of Jean Dupont\n    at fail (');
  const [line, ...rest] = readFileSync(join(folder, 'fixture', 'error.log'), 'utf8')
    .trim()
    .split('\n');
  expect(rest).toEqual([]);
  expect(JSON.parse(line ?? '')).toMatchObject({
    level: 50,
    event: 'exception',
    context: 'Process',
    error: { type: 'RangeError', stack: expect.stringContaining('failing-app.ts') },
  });
  expect(line).not.toContain('Dupont');
  expect(JSON.stringify([receiver.logs, receiver.spans])).not.toContain('Dupont');
  expect(exceptions()).toHaveLength(1);
});

test('an error that nobody handled is counted, and the count is delivered', async () => {
  const metrics = await startMetricsReceiver();
  await runApp(['reject'], {
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${metrics.url}/v1/metrics`,
  });
  metrics.close();
  const counted = metrics.points('voice.errors').filter(({ value }) => value > 0);
  expect(counted.map(({ labels, value }) => [labels, value])).toEqual([
    [{ 'error.type': 'internal', severity: 'error' }, 1],
  ]);
});

test.each(['throw-text', 'reject-text'])('what is no error ends the process, too: %s', async (what) => {
  const ended = await runApp([what]);
  expect(ended.code).toBe(1);
  expect(ended.stderr).toContain('text of Jean Dupont');
  expect(exceptions()).toHaveLength(1);
});

test.each([
  ['throw', 'handles-exceptions'],
  ['reject', 'handles-rejections'],
])('an application that handles its errors goes on, and the error is recorded: %s', async (what, how) => {
  const ended = await runApp([what, how]);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(ended.stdout).toContain('handled\n');
  expect(readFileSync(join(folder, 'fixture', 'error.log'), 'utf8').split('\n')).toHaveLength(2);
});

test('an application that handles one rejection only is ended by the next', async () => {
  const ended = await runApp(['reject', 'handles-once']);
  expect(ended.code).toBe(1);
  expect(ended.stdout).toContain('handled\n');
  expect(exceptions()).toHaveLength(2);
});

test('a receiver that never answers does not keep the process from ending', async () => {
  const ended = await runApp(['reject'], { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' });
  expect(ended.code).toBe(1);
  expect(ended.stderr).toContain('RangeError: of Jean Dupont');
});

test('a process without a logger of ours has the record and no line of ours on its console', async () => {
  const ended = await runApp(['reject', 'without-logger'], { LOG_LEVEL: 'verbose' });
  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(exceptions()).toHaveLength(1);
});

test('CALLSPAN_EXCEPTIONS=off leaves errors to Node alone, and nothing else is a value but on', async () => {
  expect((await runApp(['reject'], { CALLSPAN_EXCEPTIONS: 'off' })).code).toBe(1);
  expect(receiver.logs.map(({ eventName }) => eventName)).not.toContain('exception');
  const wrong = await runApp(['reject'], { CALLSPAN_EXCEPTIONS: 'maybe' });
  expect(wrong).toMatchObject({ code: 1, stderr: 'callspan: CALLSPAN_EXCEPTIONS must be on or off, not "maybe"\n' });
});
