import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { checkPublishedPorts } from '../../../scripts/doctor/stack/check-published-ports.ts';
import { checkStack } from '../../../scripts/doctor/stack/check-stack.ts';
import { readDistribution } from '../../../scripts/doctor/stack/image-components.ts';
import { writeStrongSecrets } from '../../helpers/stack-secrets.ts';
import { PRODUCTION_SETTINGS } from '../../helpers/stack-settings.ts';

/** What the stack mounts and reads. */
const FILES = [
  'docker-compose.yml',
  'docker-compose.prod.yml',
  'otel-collector.yaml',
  'Dockerfile',
  'collector',
  'dashboards',
  'docs/runbooks',
];

let folder = '';
let production: NodeJS.ProcessEnv = {};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-stack-'));
  for (const file of FILES) cpSync(file, join(folder, file), { recursive: true });
  // As most checkouts are, whatever the umask of this one.
  if (process.platform !== 'win32') execFileSync('chmod', ['-R', 'go+rX', ...FILES], { cwd: folder });
  mkdirSync(join(folder, 'backups'));
  mkdirSync(join(folder, 'secrets'));
  writeStrongSecrets(join(folder, 'secrets'));
  production = {
    CALLSPAN_ENVIRONMENT: 'production',
    ...PRODUCTION_SETTINGS,
    CALLSPAN_BACKUP_DIR: './backups',
  };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Errors but those of ports: others may use this machine's. */
const errors = async (env: NodeJS.ProcessEnv = {}) =>
  (await checkStack(folder, env)).filter(({ level, id }) => level === 'error' && id !== 'stack.port');
const change = (file: string, from: string, to: string) => {
  const text = readFileSync(join(folder, file), 'utf8');
  expect(text).toContain(from);
  writeFileSync(join(folder, file), text.replace(from, to));
};

test('the files as they are have nothing wrong, for development without any setting, for production with its own', async () => {
  expect(await errors()).toEqual([]);
  expect(await errors(production)).toEqual([]);
});

test('each variable that production demands is asked for by name, with what it is', async () => {
  const findings = await errors({ CALLSPAN_ENVIRONMENT: 'production' });
  const asked = findings.flatMap(({ what }) => /^(\w+) is not set: \w+/.exec(what)?.[1] ?? []);
  const { CALLSPAN_ENVIRONMENT: _files, ...demanded } = production;
  expect(asked.sort()).toEqual(Object.keys(demanded).sort());
});

// Elsewhere the modes of a checkout are not those that containers see.
(process.platform === 'linux' ? test : test.skip)(
  'a checkout under a strict umask is refused: the users of the containers could not read it',
  async () => {
    chmodSync(join(folder, 'otel-collector.yaml'), 0o600);
    chmodSync(join(folder, 'collector/loki'), 0o750);
    chmodSync(join(folder, 'dashboards/provisioning/datasources/callspan.yaml'), 0o640);
    const told = (await errors()).map(({ where, wayOut, what }) => [where.slice(folder.length + 1), wayOut, what]);
    expect(told.sort()).toEqual([
      ['collector/loki', `chmod -R go+rX ${join(folder, 'collector/loki')}`, expect.stringContaining('cannot read it')],
      ['dashboards/provisioning', expect.any(String), expect.stringContaining('(datasources/callspan.yaml)')],
      ['otel-collector.yaml', expect.any(String), expect.stringContaining('cannot read it')],
    ]);
  },
);

test('a file that is mounted and not there is refused with the service and the file', async () => {
  rmSync(join(folder, 'collector/loki'), { recursive: true });
  expect(await errors()).toMatchObject([
    {
      id: 'stack.reference',
      where: join(folder, 'collector/loki'),
      what: expect.stringContaining('loki needs ./collector/loki'),
    },
  ]);
});

test('a retention that does not exist is refused with those that do', async () => {
  const [finding] = await errors({ CALLSPAN_RETENTION: 'forever' });
  expect(finding?.wayOut).toBe('set CALLSPAN_RETENTION to development, staging or production');
});

test('a folder of secrets that is missing is told before what should be in it, and none is asked for in development', async () => {
  rmSync(join(folder, 'secrets'), { recursive: true });
  const ids = (await errors(production)).map(({ id }) => id);
  expect(ids.slice(0, 2)).toEqual(['stack.secret.folder', 'stack.secret.present']);
  expect(await errors()).toEqual([]);
});

test('a folder of backups that is not there, or a file, is refused', async () => {
  expect(await errors({ ...production, CALLSPAN_BACKUP_DIR: './nowhere' })).toMatchObject([
    { id: 'stack.volume', where: join(folder, 'nowhere'), wayOut: expect.stringContaining('mkdir') },
  ]);
  expect(await errors({ ...production, CALLSPAN_BACKUP_DIR: './Dockerfile' })).toMatchObject([{ id: 'stack.volume' }]);
});

test('the folder of backups that the first start gave to root is none that cannot be written, whoever asks; another user’s is', () => {
  // Only root may ask as somebody else, and somebody else only where the checkout is open to all.
  if (process.getuid?.() !== 0 || ![process.execPath, resolve('scripts')].every(isOpenToAll)) return;
  chmodSync(folder, 0o755);
  const backups = join(folder, 'backups');
  chmodSync(backups, 0o700);
  const program = `import { checkStack } from './scripts/doctor/stack/check-stack.ts';
    const findings = await checkStack(process.argv[1], process.env);
    console.log(findings.filter(({ id }) => id === 'stack.volume').map(({ level }) => level).join());`;
  const askAsOperator = () =>
    execFileSync(process.execPath, ['--conditions=source', '--input-type=module', '--eval', program, folder], {
      uid: 1000,
      gid: 1000,
      env: production,
    }).toString();
  expect(askAsOperator()).toBe('ok\n');
  chownSync(backups, 1001, 1001);
  expect(askAsOperator()).toBe('error\n');
});

test('an overlay that names a component which the image lacks is refused, with the one that was probably meant', async () => {
  writeFileSync(join(folder, 'collector/overlays/own.yaml'), 'processors:\n  tail_samplng: {}\n');
  expect(await errors()).toMatchObject([
    {
      where: 'collector/overlays/own.yaml',
      what: 'processors: tail_samplng is not in otel/opentelemetry-collector-contrib:0.155.0',
      wayOut: expect.stringContaining('tail_sampling is'),
    },
  ]);
});

test("a component that the contrib image has and the project's own distribution has not is refused for that one alone", async () => {
  writeFileSync(join(folder, 'collector/overlays/own.yaml'), 'processors:\n  groupbytrace: {}\n');
  expect(await errors()).toEqual([]);
  change('docker-compose.yml', 'otel/opentelemetry-collector-contrib:0.155.0', 'callspan-otelcol:0.155.0');
  expect((await errors()).map(({ what }) => what)).toContain(
    'processors: groupbytrace is not in callspan-otelcol:0.155.0',
  );
});

test('a pipeline to a component that no file makes is refused', async () => {
  writeFileSync(
    join(folder, 'collector/overlays/own.yaml'),
    'service: {pipelines: {traces/store: {exporters: [otlp_http/nowhere]}}}\n',
  );
  expect(await errors()).toMatchObject([
    { what: expect.stringContaining('otlp_http/nowhere under exporters, which no file makes') },
  ]);
});

test('files that are not there or cannot be read are refused, and nothing else is said', async () => {
  expect(await checkStack(folder, { COMPOSE_FILE: 'other.yml' })).toMatchObject([{ where: join(folder, 'other.yml') }]);
  writeFileSync(join(folder, 'docker-compose.yml'), 'services: {');
  expect(await checkStack(folder, {})).toMatchObject([{ id: 'stack.file', level: 'error' }]);
});

test('a port in use is refused with its service; where most are, the stack itself runs', async () => {
  const taken = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const publish = (...ports: string[]) => ({ services: { grafana: { ports } } });
  const free = ['127.0.0.1:0:1', '127.0.0.1:0:2'];
  expect(await checkPublishedPorts(publish(`127.0.0.1:${port}:3000`, ...free))).toMatchObject([
    { level: 'error', what: `port ${port} of grafana is in use`, where: `127.0.0.1:${port}` },
  ]);
  expect(await checkPublishedPorts(publish(`127.0.0.1:${port}:3000`))).toMatchObject([{ level: 'ok' }]);
  taken.close();
});

test('a port at which its engine answers, ready or still starting, belongs to the stack that runs in part', async () => {
  const engine = createHttpServer((_request, response) => response.writeHead(503).end()).listen(0, '127.0.0.1');
  await once(engine, 'listening');
  const { port } = engine.address() as { port: number };
  const publish = (service: string) => ({
    services: { [service]: { ports: [`127.0.0.1:${port}:1`, '127.0.0.1:0:2', '127.0.0.1:0:3'] } },
  });
  expect(await checkPublishedPorts(publish('loki'))).toMatchObject([
    { level: 'ok', what: '1 of 3 ports are in use: the stack runs' },
  ]);
  expect(await checkPublishedPorts(publish('viewer'))).toMatchObject([{ level: 'error' }]);
  engine.close();
});

test('an overlay that is no YAML is named, and the others are looked at all the same', async () => {
  writeFileSync(join(folder, 'collector/overlays/own.yaml'), 'processors:\n  batch: {\n');
  expect(await errors()).toMatchObject([
    { where: 'collector/overlays/own.yaml', what: expect.stringContaining('cannot be read: Flow map') },
  ]);
});

test('the distribution of a manifest is known by the names that configurations use', () => {
  const { exporters, extensions, processors } = readDistribution({
    extensions: [{ gomod: 'github.com/open-telemetry/x/extension/storage/filestorage v0.155.0' }],
    exporters: [{ gomod: 'go.opentelemetry.io/collector/exporter/otlphttpexporter v0.155.0' }],
    processors: [{ gomod: 'github.com/open-telemetry/x/processor/redactionprocessor v0.155.0' }],
  });
  expect([...exporters, ...extensions, ...processors]).toEqual(
    expect.arrayContaining(['otlp_http', 'file_storage', 'redaction']),
  );
});

/** Whether every folder on the way to `path` lets any user through. */
function isOpenToAll(path: string): boolean {
  const parent = dirname(path);
  return (statSync(parent).mode & 0o1) !== 0 && (parent === path || isOpenToAll(parent));
}
