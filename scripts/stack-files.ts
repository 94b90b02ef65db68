// What says which engine executes which file of the production stack: docs/production.md is made of it, and the engine tests
// run its commands.

/** A program that reads files of the stack, in the version that the tests build (test/engines/build/engines.ts). */
export type StackEngine = {
  readonly name: string;
  readonly version: string;
  /** The version of the image in docker-compose.yml, where that is another one. */
  readonly inStack?: string;
};

/** The engines of the tests, by their names there. */
export const STACK_ENGINES = {
  otelcol: { name: 'OpenTelemetry Collector', version: '0.155.0' },
  promtool: { name: 'promtool', version: '3.15.0' },
  prometheus: { name: 'Prometheus', version: '3.15.0' },
  amtool: { name: 'amtool', version: '0.34.2' },
  alertmanager: { name: 'Alertmanager', version: '0.31.1', inStack: '0.34.2' },
  loki: { name: 'Loki', version: '3.7.8' },
  'docker-compose': { name: 'Docker Compose', version: '2.40.3' },
  kustomize: { name: 'kustomize', version: '5.8.2' },
  manifests: { name: 'types of k8s.io/api', version: '0.37.0' },
} as const satisfies Readonly<Record<string, StackEngine>>;

/** How an engine is asked whether it takes a file, and what it must refuse. */
export type StackCommand = {
  /** `FILE` stands for the file, or for its copy. */
  readonly args: readonly string[];
  /** A copy in which the first becomes the second is refused. */
  readonly broken: readonly [from: string, to: string];
  /** What the engine says of the copy. */
  readonly says: string;
};

/** One proof that a file does what it should. */
export type StackProof = {
  /** None: no engine reads it here, and `shows` says how it is checked instead. */
  readonly engine?: keyof typeof STACK_ENGINES;
  readonly shows: string;
  /** The test, from the project's folder. */
  readonly test: string;
  /** True where that test also shows that a file with a fault in it is refused. */
  readonly isRefusedBroken?: boolean;
  /** What STACK_TEST runs; it always breaks a copy, too. */
  readonly command?: StackCommand;
};

/** Files of one kind, and their proofs. */
export type StackFile = {
  /** From the project's folder; `*` and `**` as shells know them. */
  readonly path: string;
  readonly what: string;
  readonly proofs: readonly StackProof[];
};

const STACK_TEST = 'test/engines/stack-files.test.ts';
const LOKI_COMMAND: StackCommand = {
  args: ['-config.file=FILE', '-config.expand-env=true', '-verify-config=true'],
  broken: ['ignore_defaults: true', 'ignore_default: true'],
  says: 'ignore_default',
};
const TEMPO_PROOF: StackProof = {
  shows:
    'its keys against those of Tempo 3.0, no key of 2.x, times and labels against the other files; Tempo is no Go module that can be built',
  test: 'test/unit/stack/tempo-files.test.ts',
};

const COMPOSE_COMMAND: StackCommand = {
  args: ['--project-directory', '.', '-f', 'FILE', 'config', '--quiet'],
  broken: ['stop_grace_period: 15s', 'stop_grace_time: 15s'],
  says: 'stop_grace_time',
};
const VALIDATED: StackProof = {
  engine: 'otelcol',
  shows: 'is taken over the base',
  test: 'test/engines/overlays.test.ts',
  isRefusedBroken: true,
};
const COMPOSE_RULES: StackProof = {
  shows: 'hardening, ports, networks, secrets, volumes by rules',
  test: 'test/unit/house/compose.test.ts',
};
const BACKUP: StackProof = { shows: 'run on real data folders', test: 'test/integration/backup.test.ts' };

/** Every file of the production stack. */
export const STACK_FILES: readonly StackFile[] = [
  {
    path: 'otel-collector.yaml',
    what: 'Collector',
    proofs: [
      { engine: 'otelcol', shows: 'is taken', test: 'test/engines/collector.test.ts', isRefusedBroken: true },
      { engine: 'otelcol', shows: 'calls go through it: counted, whole', test: 'test/engines/chain.test.ts' },
      { engine: 'otelcol', shows: 'nothing personal passes', test: 'test/engines/redaction.test.ts' },
    ],
  },
  {
    path: 'collector/overlays/sampling.generated.yaml',
    what: 'Collector, a share of the calls',
    proofs: [
      VALIDATED,
      { engine: 'otelcol', shows: 'keeps whole calls, all that failed', test: 'test/engines/sampling.test.ts' },
    ],
  },
  ...['gateway-backend', 'host-metrics', 'no-viewer', 'service-graph', 'tls'].map((name) => ({
    path: `collector/overlays/${name}.yaml`,
    what: 'Collector, overlay',
    proofs: [VALIDATED],
  })),
  {
    path: 'collector/overlays/gateway.yaml',
    what: 'Collector, first row of two',
    proofs: [
      {
        shows: 'by its structure; its exporter `load_balancing` is no module that can be fetched',
        test: 'test/engines/overlays.test.ts',
      },
    ],
  },
  {
    path: 'collector/span-metrics-buckets.generated.yaml',
    what: 'Collector, bounds of the histogram',
    proofs: [
      { engine: 'otelcol', shows: 'is read', test: 'test/engines/collector.test.ts', isRefusedBroken: true },
      { engine: 'prometheus', shows: 'counts are exact at each bound', test: 'test/engines/chain.test.ts' },
    ],
  },
  {
    path: 'collector/builder-config.yaml',
    what: 'the Collector of the tests',
    proofs: [
      { engine: 'otelcol', shows: 'the one that all tests run is built of it', test: 'test/engines/collector.test.ts' },
    ],
  },
  {
    path: 'collector/prometheus/prometheus.yml',
    what: 'Prometheus',
    proofs: [
      {
        engine: 'promtool',
        shows: 'is taken',
        test: STACK_TEST,
        command: {
          args: ['check', 'config', '--lint=all', '--lint-fatal', 'FILE'],
          broken: ['evaluation_interval: 10s', 'evaluation_interval: soon'],
          says: 'not a valid duration',
        },
      },
      { engine: 'prometheus', shows: 'takes the metrics of calls, alarms', test: 'test/engines/chain.test.ts' },
      { engine: 'prometheus', shows: 'scrapes the engines', test: 'test/engines/scrape.test.ts' },
    ],
  },
  {
    path: 'collector/prometheus/targets/*.yml',
    what: 'Prometheus, addresses on loopback',
    proofs: [{ engine: 'prometheus', shows: 'engines are found', test: 'test/engines/chain.test.ts' }],
  },
  {
    path: 'collector/prometheus/targets-compose/*.yml',
    what: 'Prometheus, addresses of Compose',
    proofs: [
      { engine: 'promtool', shows: 'are taken in place of those of loopback', test: STACK_TEST, isRefusedBroken: true },
      { shows: 'are services of docker-compose.yml', test: 'test/unit/stack/addresses.test.ts' },
    ],
  },
  {
    path: 'collector/prometheus/scrape.example.yml',
    what: 'Prometheus for those who only scrape',
    proofs: [
      {
        engine: 'promtool',
        shows: 'is taken',
        test: STACK_TEST,
        command: {
          args: ['check', 'config', '--syntax-only', 'FILE'],
          broken: ['credentials_file:', 'credential_file:'],
          says: 'credential_file',
        },
      },
      { engine: 'prometheus', shows: 'gets in with its token alone', test: 'test/engines/scrape.test.ts' },
    ],
  },
  {
    path: 'collector/prometheus/{rules,tests}/*.generated.yaml',
    what: 'rules, and what they must do',
    proofs: [
      {
        engine: 'promtool',
        shows: 'each rule by its tests',
        test: 'test/engines/rules.test.ts',
        isRefusedBroken: true,
      },
      { engine: 'prometheus', shows: 'fire for slow calls alone', test: 'test/engines/chain.test.ts' },
    ],
  },
  {
    path: 'collector/alertmanager/alertmanager.generated.yaml',
    what: 'Alertmanager',
    proofs: [
      {
        engine: 'amtool',
        shows: 'is taken',
        test: STACK_TEST,
        command: {
          args: ['check-config', 'FILE'],
          broken: ['- receiver: chat', '- receiver: nobody'],
          says: 'undefined receiver "nobody"',
        },
      },
      { engine: 'alertmanager', shows: 'tells the right channels', test: 'test/engines/chain.test.ts' },
    ],
  },
  {
    path: 'collector/alertmanager/{receivers.yaml,routes.generated.json}',
    what: 'Alertmanager, what it is made of',
    proofs: [{ engine: 'amtool', shows: 'each alarm takes its way', test: 'test/engines/alertmanager.test.ts' }],
  },
  {
    path: 'collector/alertmanager/templates/*.tmpl',
    what: 'Alertmanager, words of messages',
    proofs: [{ engine: 'amtool', shows: 'words of messages', test: 'test/engines/templates.test.ts' }],
  },
  {
    path: 'collector/loki/loki.yaml',
    what: 'Loki',
    proofs: [
      { engine: 'loki', shows: 'is taken', test: STACK_TEST, command: LOKI_COMMAND },
      {
        engine: 'loki',
        shows: 'three labels, a line by its trace id, late lines, erasure, retention',
        test: 'test/engines/loki.test.ts',
      },
    ],
  },
  {
    path: 'collector/loki/loki-object-storage.yaml',
    what: 'Loki on object storage',
    proofs: [
      { engine: 'loki', shows: 'is taken; no object storage is at hand', test: STACK_TEST, command: LOKI_COMMAND },
    ],
  },
  { path: 'collector/tempo/tempo.yaml', what: 'Tempo', proofs: [TEMPO_PROOF] },
  { path: 'collector/tempo/tempo-object-storage.yaml', what: 'Tempo on object storage', proofs: [TEMPO_PROOF] },
  {
    path: 'collector/retention/*.env',
    what: 'how long all of it is kept',
    proofs: [
      { engine: 'prometheus', shows: 'what is older is deleted', test: 'test/engines/retention.test.ts' },
      { engine: 'loki', shows: 'what is older is deleted', test: 'test/engines/loki.test.ts' },
      { shows: 'the same time for every engine and the viewer', test: 'test/unit/stack/retention.test.ts' },
    ],
  },
  {
    path: 'docker-compose.yml',
    what: 'the stack on one machine',
    proofs: [
      { engine: 'docker-compose', shows: 'is taken', test: STACK_TEST, command: COMPOSE_COMMAND },
      COMPOSE_RULES,
    ],
  },
  { path: 'docker-compose.prod.yml', what: 'production', proofs: [COMPOSE_RULES] },
  {
    path: 'Dockerfile',
    what: 'image of the services',
    proofs: [{ shows: 'by rules; no container engine is at hand', test: 'test/unit/house/compose.test.ts' }],
  },
  { path: 'collector/compose/{backup,restore}.sh', what: 'backups', proofs: [BACKUP] },
  {
    path: 'collector/compose/{*.yaml,*.caddyfile,{own,dump,restore-records}*.sh,development-secrets/*}',
    what: 'what only Compose needs',
    proofs: [COMPOSE_RULES],
  },
  {
    path: 'collector/kubernetes/**/*',
    what: 'Kubernetes',
    proofs: [
      {
        engine: 'kustomize',
        shows: 'is built',
        test: 'test/engines/kubernetes.test.ts',
        isRefusedBroken: true,
      },
      {
        engine: 'manifests',
        shows: 'decoded strictly',
        test: 'test/engines/kubernetes.test.ts',
        isRefusedBroken: true,
      },
    ],
  },
  {
    path: 'dashboards/generated/*.json',
    what: 'Grafana, boards',
    proofs: [
      { engine: 'prometheus', shows: 'every PromQL query has data', test: 'test/engines/dashboards.test.ts' },
      { engine: 'loki', shows: 'every LogQL query has data', test: 'test/engines/dashboards.test.ts' },
      {
        shows: 'ids, units, links, form of TraceQL; made with the types of Grafana’s SDK, no Grafana is at hand',
        test: 'test/unit/dashboards/boards.test.ts',
      },
    ],
  },
  {
    path: 'dashboards/provisioning/**/*.yaml',
    what: 'Grafana, data sources and folders',
    proofs: [{ shows: 'labels of Loki, names of services', test: 'test/unit/stack/addresses.test.ts' }],
  },
];
