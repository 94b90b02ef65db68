import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { CONTRIB_IMAGE, KINDS, readDistribution } from '../../scripts/doctor/stack/image-components.ts';
import { PRODUCTION_SETTINGS } from '../helpers/stack-settings.ts';
import { runTool, runToolWith } from './stage/run-tool.ts';

const DEVELOPMENT = ['docker-compose.yml'];
const PRODUCTION = ['docker-compose.yml', 'docker-compose.prod.yml'];

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-compose-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const config = (files: readonly string[], env: Readonly<Record<string, string>> = {}, ...args: string[]) =>
  runToolWith({ COMPOSE_FILE: '', ...env }, 'docker-compose', ...files.flatMap((file) => ['--file', file]), ...args);
const services = (files: readonly string[], env: Readonly<Record<string, string>>, ...profiles: string[]) => {
  const options = profiles.flatMap((profile) => ['--profile', profile]);
  const { code, output } = config(files, env, ...options, 'config', '--services');
  return { code, names: output.trim().split('\n').sort() };
};

test.each([[[]], [['sampling']], [['demo']], [['sampling', 'demo']]])(
  'Compose takes the files of development with the profiles %j, and nothing has to be set',
  (profiles) => {
    const { code, names } = services(DEVELOPMENT, {}, ...profiles);
    expect(code).toBe(0);
    expect(names).toEqual(
      expect.arrayContaining(['bot', 'collector', 'grafana', 'loki', 'prometheus', 'tempo', 'viewer']),
    );
    expect(names.includes('sampling')).toBe(profiles.includes('sampling'));
    expect(names.includes('caller')).toBe(profiles.includes('demo'));
  },
);

test('Compose takes the files of production, without anything simulated whatever profile is asked for', () => {
  const { code, names } = services(PRODUCTION, PRODUCTION_SETTINGS, 'demo', 'sampling', 'restore');
  expect(code).toBe(0);
  expect(names).toEqual(expect.arrayContaining(['check', 'postgres', 'proxy', 'backup', 'restore', 'sampling']));
  expect(names.filter((name) => name === 'openai' || name === 'caller')).toEqual([]);
});

type Merged = {
  readonly services: Readonly<
    Record<string, { readonly ports?: readonly { readonly published: string; readonly host_ip?: string }[] }>
  >;
};

test('as Compose itself merges them, production publishes two ports to the world and one to this machine', () => {
  const { code, output } = config(PRODUCTION, PRODUCTION_SETTINGS, 'config', '--format', 'json');
  expect(code).toBe(0);
  const merged = JSON.parse(output) as Merged;
  const published = Object.entries(merged.services).flatMap(([name, { ports = [] }]) =>
    ports.map(({ published: port, host_ip: host = 'everywhere' }) => `${name} ${port} ${host}`),
  );
  expect(published.sort()).toEqual(['page 14300 127.0.0.1', 'proxy 443 everywhere', 'proxy 80 everywhere']);
});

test.each(Object.keys(PRODUCTION_SETTINGS))('Compose refuses production without %s, and says what it is', (name) => {
  const { code, output } = config(PRODUCTION, { ...PRODUCTION_SETTINGS, [name]: '' }, 'config', '--quiet');
  expect([code, output]).toEqual([expect.any(Number), expect.stringContaining(name)]);
  expect(code).not.toBe(0);
});

test('Compose refuses a retention that does not exist', () => {
  const { code, output } = config(DEVELOPMENT, { CALLSPAN_RETENTION: 'forever' }, 'config', '--quiet');
  expect(code).not.toBe(0);
  expect(output).toContain('retention/forever.env');
});

test.each([
  ['docker-compose.yml', 'mem_limit: 2g', 'mem_limits: 2g', 'mem_limits'],
  ['docker-compose.yml', 'networks: [telemetry, page]', 'networks: [telemetri, page]', 'telemetri'],
  ['docker-compose.prod.yml', 'secrets: [postgres_password]', 'secrets: [postgres_pasword]', 'postgres_pasword'],
  ['docker-compose.prod.yml', 'ports: ["80:80", "443:443"]', 'ports: ["80:http"]', 'http'],
])('Compose refuses a copy of %s with %s become %s', (file, from, to, said) => {
  for (const name of PRODUCTION) copyFileSync(name, join(folder, name));
  cpSync('collector/retention', join(folder, 'collector/retention'), { recursive: true });
  const text = readFileSync(file, 'utf8');
  expect(text).toContain(from);
  writeFileSync(join(folder, file), text.replace(from, to));
  const copies = PRODUCTION.map((name) => join(folder, name));
  const { code, output } = config(copies, PRODUCTION_SETTINGS, 'config', '--quiet');
  expect(code).not.toBe(0);
  expect(output).toContain(said);
});

/** The Collector's files in the order of its command in docker-compose.yml, where they lie here; secrets in a folder of ours. */
function writeCollectorFiles(): readonly string[] {
  const secrets = join(folder, 'secrets');
  cpSync('collector/compose/development-secrets', secrets, { recursive: true });
  mkdirSync(join(folder, 'overlays'), { recursive: true });
  writeFileSync(join(folder, 'overlays/sampling.yaml'), '{}\n');
  const { services: all } = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as {
    services: Record<string, { command: string[]; volumes: string[] }>;
  };
  const mounts = new Map(all.collector?.volumes.map((mount) => [mount.split(':')[1], mount.split(':')[0]] as const));
  return (all.collector?.command ?? []).map((argument) => {
    const name = argument.replace('--config=', '');
    if (name.startsWith('/overlays/')) return join(folder, name);
    const source = mounts.get(`/etc/otelcol/${name}`) ?? name;
    const copy = join(folder, name);
    writeFileSync(copy, readFileSync(source, 'utf8').replaceAll('/run/secrets', secrets));
    return copy;
  });
}

const validate = (files: readonly string[]) =>
  runToolWith(
    { CALLSPAN_COLLECTOR_DATA: folder },
    'otelcol',
    'validate',
    ...files.flatMap((file) => ['--config', file]),
  );

test('the Collector takes its files as a container gives them to it: secrets as files, with and without sampling', () => {
  const files = writeCollectorFiles();
  expect(validate(files)).toEqual({ code: 0, output: '' });
  copyFileSync('collector/overlays/sampling.generated.yaml', join(folder, 'overlays/sampling.yaml'));
  expect(validate(files)).toEqual({ code: 0, output: '' });
});

test('the Collector refuses to start where the key that hashes personal data is not there, or too short to be one', () => {
  const files = writeCollectorFiles();
  const key = join(folder, 'secrets/callspan_hmac_key');
  writeFileSync(key, 'short');
  expect(validate(files)).toMatchObject({ code: 1, output: expect.stringContaining('hmac_key') });
  rmSync(key);
  expect(validate(files)).toMatchObject({ code: 1, output: expect.stringContaining('callspan_hmac_key') });
});

test('amtool takes what Alertmanager is given in development, and refuses a copy without its receiver', () => {
  const file = 'collector/compose/alertmanager.development.yaml';
  expect(runTool('amtool', 'check-config', file).code).toBe(0);
  const copy = join(folder, 'alertmanager.yml');
  writeFileSync(copy, readFileSync(file, 'utf8').replace('- name: nobody', '- name: somebody'));
  expect(runTool('amtool', 'check-config', copy)).toMatchObject({
    code: 1,
    output: expect.stringContaining('undefined receiver'),
  });
});

test('what the doctor knows of the tested distribution is what the Collector says that it holds', () => {
  const known = readDistribution(parse(readFileSync('collector/builder-config.yaml', 'utf8')));
  const held = parse(runTool('otelcol', 'components').output) as Record<string, readonly { readonly name: string }[]>;
  for (const kind of KINDS) {
    for (const { name } of held[kind] ?? []) {
      expect([kind, name, known[kind].has(name), CONTRIB_IMAGE[kind].has(name)]).toEqual([kind, name, true, true]);
    }
  }
});
