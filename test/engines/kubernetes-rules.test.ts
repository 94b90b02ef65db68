import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import {
  buildManifests,
  type Container,
  listSources,
  type Manifest,
  type Pod,
  readManifests,
} from './stage/manifests.ts';

const FOLDER = 'collector/kubernetes';
const PRODUCTION = readManifests(buildManifests(`${FOLDER}/production`).output);
const BASE = readManifests(buildManifests(`${FOLDER}/base`).output);
const README = readFileSync(`${FOLDER}/README.md`, 'utf8');
/** How long a bot takes to stop, as its source says. */
const BOT_STOPS_IN_S =
  Number(/STOP_DEADLINE_MS = (\d+)/.exec(readFileSync('services/bot/main.ts', 'utf8'))?.[1]) / 1000;
const MEBIBYTES: Readonly<Record<string, number>> = { Mi: 1, MiB: 1, Gi: 1024, GiB: 1024 };

type Workload = { readonly manifest: Manifest; readonly pod: Pod; readonly container: Container };

const listWorkloads = (manifests: readonly Manifest[]): readonly Workload[] =>
  manifests.flatMap((manifest) => {
    const pod = manifest.spec?.template?.spec;
    return pod ? pod.containers.map((container) => ({ manifest, pod, container })) : [];
  });
const WORKLOADS = [...listWorkloads(BASE), ...listWorkloads(PRODUCTION)].map(
  (workload) => [workload.container.name, workload] as const,
);
const find = (manifests: readonly Manifest[], kind: string, name: string) =>
  manifests.find((one) => one.kind === kind && one.metadata.name === name);
const toMebibytes = (text = '') => Number.parseFloat(text) * (MEBIBYTES[text.replace(/[\d.]+/, '')] ?? Number.NaN);

test('ten containers of the base and of production are looked at', () => {
  expect(listWorkloads(BASE)).toHaveLength(10);
  expect(listWorkloads(PRODUCTION)).toHaveLength(10);
});

test.each(WORKLOADS)('%s has no rights that it does not need', (name, { pod, container }) => {
  expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
  expect(pod.securityContext.runAsUser).toBeGreaterThan(0);
  expect(pod.securityContext.fsGroup).toBe(pod.securityContext.runAsGroup);
  expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
  for (const host of ['hostNetwork', 'hostPID', 'hostIPC', 'initContainers']) expect(pod).not.toHaveProperty(host);
  expect(pod.containers).toHaveLength(1);
  expect(container.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'], ...(name === 'page' ? { add: ['NET_BIND_SERVICE'] } : {}) },
  });
});

test.each(WORKLOADS)('%s has limits, probes and a folder for what is passing', (_name, { pod, container }) => {
  const { requests, limits } = container.resources;
  expect(Object.keys(requests).sort()).toEqual(['cpu', 'memory']);
  // A limit of CPU holds a process back for tens of milliseconds: on the line that is heard.
  expect(Object.keys(limits)).toEqual(['memory']);
  expect(toMebibytes(requests.memory)).toBeLessThanOrEqual(toMebibytes(limits.memory));
  const ceiling = container.env?.find(({ name }) => name === 'GOMEMLIMIT')?.value;
  if (ceiling) expect(toMebibytes(ceiling)).toBeLessThan(toMebibytes(limits.memory) * 0.85);
  expect(container).toMatchObject({ readinessProbe: expect.anything(), livenessProbe: expect.anything() });
  const writable = container.volumeMounts.filter(({ readOnly }) => !readOnly).map(({ name }) => name);
  expect(writable.filter((name) => name !== 'data')).toEqual(['tmp']);
  expect(pod.volumes.find(({ name }) => name === 'tmp')).toHaveProperty('emptyDir.sizeLimit');
});

test.each(WORKLOADS)(
  '%s finds every volume, ConfigMap and claim that it names',
  (_name, { manifest, pod, container }) => {
    const manifests = [...BASE, ...PRODUCTION];
    const claims = manifest.spec?.volumeClaimTemplates?.map(({ metadata }) => metadata.name) ?? [];
    const volumes = [...pod.volumes.map(({ name }) => name), ...claims];
    expect(volumes).toEqual(expect.arrayContaining(container.volumeMounts.map(({ name }) => name)));
    const named = pod.volumes.flatMap(listSources).flatMap(({ configMap }) => (configMap ? [configMap] : []));
    for (const { name, items = [] } of named) {
      const data = find(manifests, 'ConfigMap', name)?.data ?? {};
      expect(Object.keys(data)).toEqual(expect.arrayContaining(items.map(({ key }) => key)));
      expect([name, Object.keys(data).length > 0]).toEqual([name, true]);
    }
    const settings = (container.envFrom ?? []).flatMap(({ configMapRef }) => (configMapRef ? [configMapRef.name] : []));
    for (const name of settings) expect(find(manifests, 'ConfigMap', name)?.data).toBeDefined();
  },
);

test('secrets are files that are referred to, and the list of them is the one people read', () => {
  for (const manifests of [BASE, PRODUCTION]) expect(manifests.filter(({ kind }) => kind === 'Secret')).toEqual([]);
  const keys = new Set<string>();
  for (const { pod, container } of listWorkloads(PRODUCTION)) {
    for (const { secret } of pod.volumes.flatMap(listSources)) {
      for (const { key } of secret?.items ?? []) keys.add(`${secret?.secretName ?? secret?.name} ${key}`);
      expect([container.name, secret === undefined || secret.items !== undefined]).toEqual([container.name, true]);
    }
    for (const { name, value, valueFrom } of container.env ?? []) {
      expect([name, valueFrom]).toEqual([name, undefined]);
      if (/SECRET|TOKEN|PASSWORD|KEY|SID/.test(name)) expect(`${name}=${value}`).toMatch(/_FILE=\/run\/secrets\/\w+$/);
    }
  }
  const rows = [...README.matchAll(/^\| `([\w-]+)` \| `([\w-]+)` \|/gm)].map(([, secret, key]) => `${secret} ${key}`);
  expect(rows.filter((row) => !row.startsWith('callspan-objects ')).sort()).toEqual([...keys].sort());
});

test('what a container reads under /run/secrets is mounted there', () => {
  for (const { manifest, pod, container } of [...listWorkloads(BASE), ...listWorkloads(PRODUCTION)]) {
    const read = (container.env ?? []).flatMap(({ value }) => /^\/run\/secrets\/(\w+)$/.exec(value ?? '')?.[1] ?? []);
    const mounted = pod.volumes.flatMap(({ secret }) => secret?.items?.map(({ path }) => path) ?? []);
    expect([manifest.metadata.name, mounted]).toEqual([manifest.metadata.name, expect.arrayContaining(read)]);
  }
});

test('Alertmanager finds the secrets of its channels', () => {
  const wanted = readFileSync('collector/alertmanager/alertmanager.generated.yaml', 'utf8').matchAll(
    /\/etc\/alertmanager\/(secrets\/\S+)/g,
  );
  const volumes = find(PRODUCTION, 'StatefulSet', 'alertmanager')?.spec?.template?.spec.volumes ?? [];
  const given = volumes.flatMap(listSources).flatMap(({ secret }) => secret?.items?.map(({ path }) => path) ?? []);
  expect(given.sort()).toEqual([...new Set([...wanted].map(([, path]) => path))].sort());
});

test('every rule, overlay, board and template of the project is in a ConfigMap, as it is', () => {
  const data: Readonly<Record<string, string>> = Object.assign({}, ...BASE.map((one) => one.data ?? {}));
  for (const folder of [
    'collector/prometheus/rules',
    'collector/overlays',
    'dashboards/generated',
    'collector/alertmanager/templates',
  ]) {
    for (const file of readdirSync(folder)) {
      expect([file, data[file] === readFileSync(`${folder}/${file}`, 'utf8')]).toEqual([file, true]);
    }
  }
  for (const { metadata, data: content = {} } of BASE.filter(({ kind }) => kind === 'ConfigMap')) {
    const bytes = Buffer.byteLength(Object.values(content).join(''));
    // More than 1 MiB Kubernetes does not take.
    expect([metadata.name, bytes < 1_000_000]).toEqual([metadata.name, true]);
  }
});

test('everything is kept for the same time', () => {
  for (const [manifests, preset] of [
    [BASE, 'development'],
    [PRODUCTION, 'production'],
  ] as const) {
    const kept = listWorkloads(manifests).flatMap(({ container }) =>
      (container.envFrom ?? []).flatMap(({ configMapRef }) => /^retention-\w+/.exec(configMapRef?.name ?? '') ?? []),
    );
    expect(kept).toEqual(Array.from({ length: 4 }, () => `retention-${preset}`));
  }
});

test('images are those of Compose', () => {
  const { services } = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as {
    services: Record<string, { image: string }>;
  };
  for (const { container } of listWorkloads(BASE)) {
    const image = services[container.name]?.image.replace(/\$\{\w+:-(.*?)\}/, '$1');
    expect([container.name, container.image]).toEqual([container.name, image]);
  }
});

test('a pod is given longer to stop than it takes', () => {
  expect(BOT_STOPS_IN_S).toBeGreaterThan(1);
  for (const { pod, container } of listWorkloads(BASE)) {
    const before = container.lifecycle?.preStop.sleep.seconds ?? 0;
    const slack = container.image.startsWith('callspan') ? BOT_STOPS_IN_S * 3 : 1;
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(before + slack);
  }
  expect(find(BASE, 'StatefulSet', 'bot')?.spec?.template?.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(
    30,
  );
});

test('every Service and every budget finds its pods, by ports that they have', () => {
  const all = [...listWorkloads(PRODUCTION)];
  const podsOf = (selector: Readonly<Record<string, unknown>>) =>
    all.filter(({ manifest }) => {
      const labels = manifest.spec?.template?.metadata.labels ?? {};
      return Object.entries(selector).every(([key, value]) => labels[key] === value);
    });
  for (const { kind, metadata, spec } of PRODUCTION) {
    if (kind === 'PodDisruptionBudget') expect(podsOf(spec?.selector?.matchLabels ?? {})).toHaveLength(1);
    if (kind !== 'Service' || metadata.name === 'nowhere') continue;
    const [workload, ...others] = podsOf((spec?.selector ?? {}) as Record<string, string>);
    expect([metadata.name, others]).toEqual([metadata.name, []]);
    const open = workload?.container.ports?.map(({ name, containerPort }) => `${name} ${containerPort}`);
    expect(open).toEqual(expect.arrayContaining((spec?.ports ?? []).map(({ name, port }) => `${name} ${port}`)));
  }
});

test('workloads that there are several of have a budget, and those alone', () => {
  const several = PRODUCTION.filter(({ spec }) => (spec?.replicas ?? 1) > 1 && spec?.template);
  const budgets = PRODUCTION.filter(({ kind }) => kind === 'PodDisruptionBudget');
  expect(several.map(({ metadata }) => metadata.name).sort()).toEqual(
    budgets.map(({ metadata }) => metadata.name).sort(),
  );
});
