import { readFileSync } from 'node:fs';
import { buildManifests, type Flow, type Labels, type Manifest, readManifests } from './stage/manifests.ts';

const BASE = readManifests(buildManifests('collector/kubernetes/base').output);
const PRODUCTION = readManifests(buildManifests('collector/kubernetes/production').output);

/** `host:port` of Services, in whatever form a file has them. */
const ADDRESS = /\b(?:https?:\/\/)?([a-z]+):(\d{4,5})\b/g;
/** Addresses that stand in files instead of variables. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  prometheus: [
    'collector/prometheus/targets-compose/engines.yml',
    'collector/prometheus/targets-compose/alertmanager.yml',
  ],
  grafana: ['dashboards/provisioning/datasources/callspan.yaml'],
  page: ['collector/compose/page.caddyfile'],
};

const listPods = (manifests: readonly Manifest[]) =>
  manifests.flatMap(({ metadata, spec }) => {
    const [container] = spec?.template?.spec.containers ?? [];
    return container && spec?.template
      ? [{ name: metadata.name, labels: spec.template.metadata.labels, container }]
      : [];
  });

/** Who is told the address of whom: `bot > records 3001`. */
function listNeeded(manifests: readonly Manifest[]): readonly string[] {
  const pods = listPods(manifests);
  const needed = pods.flatMap(({ name, container }) => {
    const texts = [
      ...(container.env ?? []).map(({ value = '' }) => value),
      ...(FILES[name] ?? []).map((file) => readFileSync(file, 'utf8').replace(/^\s*#.*$/gm, '')),
    ];
    const found = texts.flatMap((text) => [...text.matchAll(ADDRESS)]);
    // A process that looks at itself needs nobody's leave.
    return found
      .filter(([, to]) => to !== name && pods.some((pod) => pod.name === to))
      .map(([, to, port]) => `${name} > ${to} ${port}`);
  });
  return [...new Set(needed)].sort();
}

type Selector = NonNullable<NonNullable<Manifest['spec']>['podSelector']>;

function selects(selector: Selector | undefined, labels: Labels): boolean {
  if (!selector) return false;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, values }) => values.includes(labels[key] ?? ''))
  );
}

const rulesOf = (manifests: readonly Manifest[], side: 'ingress' | 'egress', labels: Labels): readonly Flow[] =>
  manifests.flatMap(({ kind, spec }) =>
    kind === 'NetworkPolicy' && selects(spec?.podSelector, labels) ? (spec?.[side] ?? []) : [],
  );
const peersOf = (flow: Flow) => flow.from ?? flow.to;

/** Who may speak to whom by a rule that names both, at both ends. */
function listAllowed(manifests: readonly Manifest[]): readonly string[] {
  const pods = listPods(manifests);
  const names = (flow: Flow, labels: Labels) => peersOf(flow)?.some(({ podSelector }) => selects(podSelector, labels));
  const ports = (flows: readonly Flow[], labels: Labels) =>
    new Set(flows.filter((flow) => names(flow, labels)).flatMap((flow) => (flow.ports ?? []).map(({ port }) => port)));
  return pods
    .flatMap((from) =>
      pods.flatMap((to) => {
        const out = ports(rulesOf(manifests, 'egress', from.labels), to.labels);
        const into = ports(rulesOf(manifests, 'ingress', to.labels), from.labels);
        expect([from.name, to.name, [...out].sort()]).toEqual([from.name, to.name, [...into].sort()]);
        return [...out].map((port) => `${from.name} > ${to.name} ${port}`);
      }),
    )
    .sort();
}

/** Which pods speak to the outside, or are spoken to from there, by which ports; names are asked by all. */
function listOutside(manifests: readonly Manifest[], side: 'ingress' | 'egress'): readonly string[] {
  return listPods(manifests)
    .flatMap(({ name, labels }) =>
      rulesOf(manifests, side, labels)
        .filter((flow) => !peersOf(flow)?.some(({ podSelector }) => podSelector))
        .flatMap((flow) => (flow.ports ?? []).map(({ port }) => `${name} ${port}`)),
    )
    .filter((line) => !line.endsWith(' 53'))
    .sort();
}

test.each([
  ['base', BASE],
  ['production', PRODUCTION],
])('in %s whoever is told an address may speak to it, and nobody else may', (_name, manifests) => {
  const needed = listNeeded(manifests);
  expect(needed.length).toBeGreaterThan(15);
  expect(listAllowed(manifests)).toEqual(needed);
});

test('who is not named may neither speak nor be spoken to', () => {
  const closed = BASE.filter(({ spec }) => spec?.podSelector && Object.keys(spec.podSelector).length === 0);
  expect(closed.map(({ spec }) => spec?.policyTypes)).toContainEqual(['Ingress', 'Egress']);
});

test('the outside is reached by those alone who have to', () => {
  expect(listOutside(BASE, 'egress')).toEqual(['bot 443']);
  expect(listOutside(BASE, 'ingress')).toEqual(['bot 3000']);
  expect(listOutside(PRODUCTION, 'egress')).toEqual([
    'alertmanager 443',
    'alertmanager 587',
    'bot 443',
    'grafana 443',
    'records 5432',
  ]);
  expect(listOutside(PRODUCTION, 'ingress')).toEqual(['bot 3000', 'grafana 3000']);
});
