import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver.ts';

let receiver: OtlpReceiver;
let folder: string;
beforeEach(async () => {
  receiver = await startOtlpReceiver();
  folder = mkdtempSync(join(tmpdir(), 'callspan-logging-'));
});
afterEach(() => {
  receiver.close();
  rmSync(folder, { recursive: true, force: true });
});

async function runApp(lines: number, env: NodeJS.ProcessEnv = {}): Promise<{ code: number | null; stdout: string }> {
  const args = ['--conditions=source', '--require', './otel/preload.cjs', 'test/fixtures/apps/logging-app.ts'];
  const child = spawn(process.execPath, [...args, String(lines)], {
    env: {
      PATH: process.env.PATH,
      LOG_DIR: folder,
      OTEL_SERVICE_NAME: 'fixture',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      CALLSPAN_SPOOL: 'off',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout };
}

const read = (name: string) =>
  readFileSync(join(folder, 'fixture', name), 'utf8')
    .trimEnd()
    .split('\n');
const messagesOf = (lines: readonly string[]) => lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
const ALL = ['line', 'line', 'detail', 'warned\nin two lines', 'failed'];

test('a line goes to console, combined.log and the receiver, an error to error.log too, with its stack', async () => {
  const { code, stdout } = await runApp(2);
  expect(code).toBe(0);
  expect(messagesOf(stdout.trimEnd().split('\n'))).toEqual(ALL);
  expect(messagesOf(read('combined.log'))).toEqual(ALL);
  // A request has its records by scope.
  expect(receiver.logs.map(({ body }) => body).sort()).toEqual([...ALL].sort());
  expect(read('error.log')).toEqual([expect.stringContaining('logging-app.ts')]);
  expect(JSON.parse(read('error.log')[0] ?? '')).toMatchObject({ context: 'Fixture', error: { type: 'TypeError' } });
});

test.each([
  ['the console', { LOG_CONSOLE: 'off' }, { console: 0, files: 5, records: 5 }],
  ['the files', { LOG_DIR: '' }, { console: 5, files: 0, records: 5 }],
  ['the records', { OTEL_LOGS_EXPORTER: 'none' }, { console: 5, files: 5, records: 0 }],
  ['telemetry', { OTEL_SDK_DISABLED: 'true' }, { console: 5, files: 5, records: 0 }],
  ['detail of one component', { LOG_LEVEL: 'warn,exporter=debug' }, { console: 3, files: 3, records: 3 }],
])('%s can be switched off by itself', async (_, env, expected) => {
  const { stdout } = await runApp(2, env);
  expect({
    console: stdout.split('\n').length - 1,
    files: existsSync(join(folder, 'fixture', 'combined.log')) ? read('combined.log').length : 0,
    records: receiver.logs.length,
  }).toEqual(expected);
});

test('a person reads one coloured line a line', async () => {
  const { stdout } = await runApp(1, { FORCE_COLOR: '1' });
  const [first, , warned] = stdout.split('\n');
  expect(first).toContain('\u001b[32minfo\u001b[39m');
  const plain = (await runApp(1, { LOG_FORMAT: 'pretty' })).stdout.split('\n');
  expect(plain[0]).toMatch(/^\d\d:\d\d:\d\d \[FIXTURE\] info \[Fixture\] line number=0$/);
  expect(plain[2]).toMatch(/^\d\d:\d\d:\d\d \[FIXTURE\] warn \[Fixture\] \| warned\\nin two lines$/);
  expect(warned).toContain('warned\\nin two lines');
});

test('with the receiver away and the folder not to be written every line is on the console, and it says what is lost', async () => {
  rmSync(folder, { recursive: true });
  writeFileSync(folder, 'a file where the folder should be');
  const { code, stdout } = await runApp(500, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' });
  expect(code).toBe(0);
  const messages = messagesOf(stdout.trimEnd().split('\n'));
  expect(messages.filter((message) => message === 'line')).toHaveLength(500);
  expect(
    messages.filter((message) => /log lines could not be written to .*combined\.log: E/.test(message)),
  ).toHaveLength(1);
});

test('ten megabytes are a file, and the names of the current files stay', async () => {
  mkdirSync(join(folder, 'fixture'));
  writeFileSync(join(folder, 'fixture', 'combined.log'), `${'x'.repeat(10 * 1024 * 1024 - 200)}\n`);
  await runApp(20);
  expect(readdirSync(join(folder, 'fixture')).sort()).toEqual(['combined.1.log', 'combined.log', 'error.log']);
  expect(messagesOf(read('combined.log').slice(-1))).toEqual(['failed']);
});

test('a service with a level that there is none ends with one line', async () => {
  const child = spawn(process.execPath, ['--conditions=source', 'services/openai/main.ts'], {
    env: { PATH: process.env.PATH, STANDIN_PORT: '0', LOG_LEVEL: 'loud' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(stderr).toBe(
    'openai: LOG_LEVEL has "loud"; expected one of debug, info, warn, error, silent, or component=level\n',
  );
});
