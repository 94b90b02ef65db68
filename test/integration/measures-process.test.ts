import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseLineProtocol } from '../helpers/line-protocol.ts';
import { startOtlpReceiver } from '../helpers/otlp-receiver.ts';
import { unpackBody } from '../helpers/request-body.ts';

const execute = promisify(execFile);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-measures-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Told = { readonly kept: number; readonly stages: readonly Record<string, unknown>[] };

const FLAGS = ['--conditions=source', '--require', './otel/preload.cjs', 'test/fixtures/apps/measured-app.ts'];
const QUIET = {
  PATH: process.env.PATH ?? '',
  OTEL_SERVICE_NAME: 'bot',
  OTEL_TRACES_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_METRICS_EXPORTER: 'none',
  CALLSPAN_SPOOL: 'off',
};

async function run(env: Record<string, string>, ...args: string[]): Promise<Told> {
  const { stdout } = await execute(process.execPath, [...FLAGS, ...args], { env: { ...QUIET, ...env } });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Told;
}

const linesIn = (path: string) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test.each(['', 'exit'])(
  'with a data folder the file is on by default, in the folder of the service (%s)',
  async (how) => {
    const { kept, stages } = await run({ CALLSPAN_DATA_DIR: folder }, how);
    expect(kept).toBe(2);
    expect(stages).toMatchObject([{ stage: 'save', count: 2, errors: 1 }]);
    expect(linesIn(join(folder, 'bot', 'measures.jsonl'))).toMatchObject([
      { operation_name: 'execute_tool find_customer', status: 'success', call_sid: 'CA1', stream_sid: 'MZ1' },
      { operation_name: 'execute_tool save_customer', status: 'error', error_message: 'api', provider: 'crm' },
    ]);
  },
);

test('without a data folder there is no file; CALLSPAN_MEASURES_FILE names one, and turns it off', async () => {
  expect((await run({})).kept).toBe(2);
  const own = join(folder, 'own', 'all.jsonl');
  await run({ CALLSPAN_MEASURES_FILE: own });
  expect(linesIn(own)).toHaveLength(2);
  await run({ CALLSPAN_DATA_DIR: join(folder, 'data'), CALLSPAN_MEASURES_FILE: 'off' });
  expect(readdirSync(folder)).toEqual(['own']);
});

test('a measures file that cannot be written is said on stderr, once', async () => {
  writeFileSync(join(folder, 'a-file'), '');
  const path = join(folder, 'a-file', 'm.jsonl');
  const { stderr } = await execute(process.execPath, FLAGS, { env: { ...QUIET, CALLSPAN_MEASURES_FILE: path } });
  expect(stderr).toBe(`callspan: 2 measures could not be written to ${path}: EEXIST\n`);
});

test('at capture full a line says what the error said, without the secrets in it', async () => {
  const env = { CALLSPAN_DATA_DIR: folder, CALLSPAN_CAPTURE: 'full', MY_API_KEY: 'refused, said' };
  await run(env);
  const [, failed] = linesIn(join(folder, 'bot', 'measures.jsonl'));
  expect(failed?.error_message).toBe('<secret> jean.dupont@example.com');
  expect(failed?.metadata).toMatchObject({ error_type: 'api' });
});

test('OTEL_SDK_DISABLED turns all of it off: statistics, file and database', async () => {
  let requests = 0;
  const server = createServer((_, response) => {
    requests += 1;
    response.writeHead(204).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const influx = { INFLUXDB_URL: `http://127.0.0.1:${port}`, ...ACCESS };
  const told = await run({ ...influx, CALLSPAN_DATA_DIR: folder, OTEL_SDK_DISABLED: 'true' });
  expect(told).toEqual({ kept: 0, stages: [] });
  expect(existsSync(join(folder, 'bot', 'measures.jsonl'))).toBe(false);
  expect(requests).toBe(0);
  server.close();
});

const ACCESS = { INFLUXDB_TOKEN: 't0ken', INFLUXDB_ORG: 'acme', INFLUXDB_BUCKET: 'voice' };

test('a stop sends what waits for InfluxDB, and its requests make no spans', async () => {
  const bodies: string[] = [];
  const tokens: (string | undefined)[] = [];
  const server = createServer(async (request, response) => {
    const sent = Buffer.concat(await request.toArray());
    tokens.push(request.headers.authorization);
    bodies.push(unpackBody(request, sent).toString());
    response.writeHead(204).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const receiver = await startOtlpReceiver();
  const traces = { OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, 't0ken\n');
  const access = { ...ACCESS, INFLUXDB_TOKEN: '', INFLUXDB_TOKEN_FILE: tokenFile };
  await run({ ...access, ...traces, INFLUXDB_URL: `http://127.0.0.1:${port}` });
  expect(tokens).toEqual(['Token t0ken']);
  expect(bodies.flatMap(parseLineProtocol).map((line) => [line.tags.service, line.tags.operation_name])).toEqual([
    ['bot', 'execute_tool find_customer'],
    ['bot', 'execute_tool save_customer'],
  ]);
  const requests = receiver.spans.filter((span) => span.path === '/v1/traces' && span.kind === 3);
  expect(requests.map((span) => span.attributes['url.path'] ?? span.attributes['url.full'])).toEqual([
    expect.stringContaining('/own'),
  ]);
  receiver.close();
  server.close();
});

test.each([
  [{ INFLUXDB_URL: 'http://127.0.0.1:8086', INFLUXDB_ORG: 'acme' }, 'INFLUXDB_TOKEN, INFLUXDB_BUCKET'],
  [{ ...ACCESS }, 'INFLUXDB_URL'],
  [{ ...ACCESS, INFLUXDB_TOKEN: '', INFLUXDB_TOKEN_FILE: '/none' }, 'INFLUXDB_TOKEN_FILE is "/none"; expected a file'],
  [{ ...ACCESS, INFLUXDB_URL: 'ftp://there' }, 'INFLUXDB_URL is "ftp://there"; expected a URL that begins with http'],
  [{ ...ACCESS, INFLUXDB_URL: 'http://me:pass@there' }, 'INFLUXDB_URL has a user or a password in it'],
])('a database that is told by halves, or wrongly, stops the start: %j', async (env, message) => {
  const failure = await run(env).catch((error: { stderr: string }) => error);
  expect((failure as { stderr: string }).stderr).toContain(`TypeError: ${message}`);
  expect((failure as { stderr: string }).stderr).not.toContain('t0ken');
  expect((failure as { stderr: string }).stderr).not.toContain('me:pass');
});
