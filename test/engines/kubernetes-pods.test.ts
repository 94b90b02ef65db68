import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EngineName, enginePath } from './build/engines.ts';
import { buildManifests, layOutFiles, type Manifest, readManifests, writeKustomization } from './stage/manifests.ts';

/** What can be added to production; the 30 days are in it. */
const COMPONENTS = readdirSync('collector/kubernetes/components').filter((name) => name !== 'thirty-days');

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'callspan-pods-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** The manifests of production, with what can be added to them. */
function readProduction(): readonly Manifest[] {
  const folder = join(root, 'kustomization');
  mkdirSync(folder, { recursive: true });
  const { code, output } = buildManifests(writeKustomization(folder, 'production', COMPONENTS));
  expect([code, code === 0 ? '' : output]).toEqual([0, '']);
  return readManifests(output);
}

/** A pod's files below `root`, and what its container is run with: absolute paths are below `root`, too. */
function layOutPod(name: string) {
  const manifests = readProduction();
  const pod = manifests.find(({ kind, metadata }) => kind === 'StatefulSet' && metadata.name === name)?.spec?.template
    ?.spec;
  const container = pod?.containers[0];
  if (!pod || !container) throw new Error(`no pod ${name}`);
  layOutFiles(pod, manifests, root);
  const below = (text: string) => text.replace(/(^|=)\/(?=etc|var|run|loki)/, `$1${root}/`);
  const settings = (container.envFrom ?? []).map(
    ({ configMapRef }) => manifests.find(({ metadata }) => metadata.name === configMapRef?.name)?.data,
  );
  const own = Object.fromEntries((container.env ?? []).map((one) => [one.name, below(one.value ?? '')]));
  const env: Readonly<Record<string, string>> = Object.assign({}, ...settings, own);
  return { args: (container.args ?? []).map(below), env };
}

function run(
  engine: EngineName,
  args: readonly string[],
  { env, cwd }: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
) {
  const options = { encoding: 'utf8', env: { PATH: '', ...env }, ...(cwd ? { cwd } : {}) } as const;
  const { status, stdout, stderr } = spawnSync(enginePath(engine), args, options);
  return { code: status, output: status === 0 ? '' : stdout + stderr };
}

test('the Collector takes its files and variables as its pod has them', () => {
  const { args, env } = layOutPod('collector');
  const cwd = join(root, 'etc/otelcol');
  mkdirSync(join(root, 'run/secrets'), { recursive: true });
  for (const name of ['callspan_hmac_key', 'callspan_telemetry_token']) {
    writeFileSync(join(root, 'run/secrets', name), 'a-secret-of-thirty-two-characters');
  }
  const file = join(cwd, 'secrets.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('/run/secrets', join(root, 'run/secrets')));
  mkdirSync(join(root, 'var/lib/otelcol'), { recursive: true });
  const overlays = ['sampling.generated.yaml', 'service-graph.yaml'].map(
    (name) => `--config=collector/overlays/${name}`,
  );
  expect(args).toEqual(expect.arrayContaining(overlays));
  expect(run('otelcol', ['validate', ...args], { env, cwd })).toEqual({ code: 0, output: '' });
  rmSync(join(cwd, 'collector/span-metrics-buckets.generated.yaml'));
  expect(run('otelcol', ['validate', ...args], { env, cwd })).toEqual({
    code: 1,
    output: expect.stringContaining('span-metrics-buckets.generated.yaml'),
  });
});

test('Loki takes its files and variables as its pod has them', () => {
  const { args, env } = layOutPod('loki');
  expect(args[0]).toContain('loki-object-storage.yaml');
  expect(env).toMatchObject({ CALLSPAN_RETENTION_PERIOD: '720h', CALLSPAN_LOKI_BUCKET: 'callspan-logs' });
  expect(run('loki', [...args, '-verify-config'], { env })).toEqual({ code: 0, output: '' });
  const wrong = { ...env, CALLSPAN_RETENTION_PERIOD: 'a month' };
  expect(run('loki', [...args, '-verify-config'], { env: wrong }).code).toBe(1);
});

test('Prometheus finds its rules and targets as its pod has them', () => {
  layOutPod('prometheus');
  const file = join(root, 'etc/prometheus/prometheus.yml');
  const check = () => run('promtool', ['check', 'config', '--lint=all', '--lint-fatal', file]);
  expect(check()).toEqual({ code: 0, output: '' });
  writeFileSync(join(root, 'etc/prometheus/targets/alertmanager.yml'), '- nobody: []');
  expect(check().output).toContain('nobody');
  layOutPod('prometheus');
  writeFileSync(join(root, 'etc/prometheus/rules/limits.rules.generated.yaml'), 'groups: [{}]');
  expect(check().output).toContain('limits.rules.generated.yaml');
});

test('Alertmanager finds its templates as its pod has them', () => {
  const { args } = layOutPod('alertmanager');
  const file = args.find((arg) => arg.startsWith('--config.file='))?.slice('--config.file='.length) ?? '';
  expect(file).toBe(join(root, 'etc/alertmanager/alertmanager.generated.yaml'));
  expect(run('amtool', ['check-config', file])).toEqual({ code: 0, output: '' });
  writeFileSync(join(root, 'etc/alertmanager/templates/callspan.tmpl'), '{{ define "callspan.title" }}');
  expect(run('amtool', ['check-config', file]).code).toBe(1);
});
