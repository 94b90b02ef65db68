import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildManifests, decodeStrictly, readManifests, writeKustomization } from './stage/manifests.ts';

const OBJECTS = 'production with components';

/** What can be added to production; the 30 days are in it. */
const COMPONENTS = readdirSync('collector/kubernetes/components').filter((name) => name !== 'thirty-days');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-kubernetes-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each(['base', 'production', OBJECTS])(
  'kustomize makes the manifests of %s, and Kubernetes knows every field',
  (name) => {
    const own = name === OBJECTS;
    const source = own ? writeKustomization(folder, 'production', COMPONENTS) : join('collector/kubernetes', name);
    const built = buildManifests(source);
    expect([built.code, built.code === 0 ? '' : built.output]).toEqual([0, '']);
    const decoded = decodeStrictly(built.output);
    expect([decoded.code, decoded.code === 0 ? '' : decoded.output]).toEqual([0, '']);
    const lines = decoded.output.trim().split('\n');
    expect(lines).toHaveLength(readManifests(built.output).length);
    expect(lines).toContain('apps/v1 StatefulSet collector');
    const elsewhere = readManifests(built.output).filter(({ metadata }) => metadata.namespace !== 'callspan');
    expect(elsewhere.map(({ kind }) => kind)).toEqual(['Namespace']);
    expect(lines.some((line) => line.endsWith('PodDisruptionBudget bot'))).toBe(name !== 'base');
  },
);

test.each([
  ['a field is misspelt', 'terminationGracePeriodSeconds: 30', 'terminationGracePeriodSecond: 30', 'unknown field'],
  ['a number is a word', 'replicas: 1', 'replicas: one', 'cannot unmarshal string'],
  ['a field stands there twice', '  replicas: 1', '  replicas: 1\n  replicas: 1', 'already set'],
  ['a quantity is none', 'memory: 1Gi', 'memory: 1Gib', 'quantities must match'],
  ['a kind is not one', 'kind: PodDisruptionBudget', 'kind: PodDisruptionBudgets', 'not a kind'],
  ['an API version is gone', 'apiVersion: policy/v1', 'apiVersion: policy/v1beta1', 'not a kind'],
])('manifests are refused where %s', (_case, from, to, says) => {
  const { output } = buildManifests('collector/kubernetes/production');
  expect(output).toContain(from);
  const decoded = decodeStrictly(output.replace(from, to));
  expect(decoded.code).toBe(1);
  expect(decoded.output).toContain(says);
});

test('nothing at all is refused', () => {
  expect(decodeStrictly('')).toEqual({ code: 1, output: expect.stringContaining('no document') });
});

test.each([
  ['a file that is not there is named', 'files/kustomization.yaml', ['limits.rules', 'limit.rules', 'limit.rules']],
  ['a patch meets nothing', 'production/bot.yaml', ['name: bot}', 'name: bots}', 'bots']],
  [
    'what a component changes is something else',
    'components/thirty-days/kustomization.yaml',
    ['value: retention-development', 'value: retention-staging', 'test failed'],
  ],
  ['a key is misspelt', 'production/kustomization.yaml', ['components:', 'component:', 'unknown field "component"']],
])('kustomize refuses a copy in which %s', (_case, file, [from = '', to = '', says = '']) => {
  for (const name of ['collector', 'dashboards', 'otel-collector.yaml']) {
    cpSync(name, join(folder, name), { recursive: true });
  }
  const kubernetes = join(folder, 'collector/kubernetes');
  const path = join(kubernetes, file);
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
  expect(buildManifests(join(kubernetes, 'production'))).toEqual({ code: 1, output: expect.stringContaining(says) });
});
