// What says which engine executes which file of the production stack: docs/production.md is made of it, and the engine tests
// run its commands.
import type { StackCommand, StackFile, StackProof } from './stack-proofs.ts';

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

const COMPOSE_TEST = 'test/engines/compose.test.ts';
const COMPOSED: StackProof = {
  engine: 'docker-compose',
  shows: 'is taken with every profile',
  test: COMPOSE_TEST,
  isRefusedBroken: true,
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
/** Every file of the production stack. */
export const STACK_FILES: readonly StackFile[] = [
  {
    path: 'otel-collector.yaml',
    what: 'Collector',
    proofs: [
      { engine: 'otelcol', shows: 'is taken', test: 'test/engines/collector.test.ts', isRefusedBroken: true },
      { engine: 'otelcol', shows: 'a call goes through it whole and unchanged', test: 'test/engines/one-call.test.ts' },
      { engine: 'otelcol', shows: 'nothing is lost when stores are away', test: 'test/engines/outage.test.ts' },
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
      { engine: 'prometheus', shows: 'takes what waited for two days', test: 'test/engines/late-metrics.test.ts' },
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
      { engine: 'loki', shows: 'lines of a call within 5 s', test: 'test/engines/one-call.test.ts' },
    ],
  },
  {
    path: 'collector/loki/loki-object-storage.yaml',
    what: 'Loki on object storage',
    proofs: [
      { engine: 'loki', shows: 'is taken', test: STACK_TEST, command: LOKI_COMMAND },
      {
        engine: 'loki',
        shows: 'loses its disk and has its lines, on a small store that speaks S3',
        test: 'test/engines/loki-objects.test.ts',
      },
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
  { path: 'docker-compose.yml', what: 'the stack on one machine', proofs: [COMPOSED, COMPOSE_RULES] },
  { path: 'docker-compose.prod.yml', what: 'production', proofs: [COMPOSED, COMPOSE_RULES] },
  {
    path: 'Dockerfile',
    what: 'image of the services',
    proofs: [
      {
        shows:
          'what it copies is run read-only by a user without rights, a call goes through; no container engine is at hand',
        test: 'test/e2e/image.test.ts',
      },
    ],
  },
  {
    path: 'collector/compose/collector.yaml',
    what: 'Collector, secrets as files',
    proofs: [
      { engine: 'otelcol', shows: 'is taken as a container gets it', test: COMPOSE_TEST, isRefusedBroken: true },
    ],
  },
  {
    path: 'collector/compose/alertmanager.development.yaml',
    what: 'Alertmanager without channels',
    proofs: [{ engine: 'amtool', shows: 'is taken', test: COMPOSE_TEST, isRefusedBroken: true }],
  },
  {
    path: 'collector/compose/{backup,restore}.sh',
    what: 'backups',
    proofs: [
      { engine: 'prometheus', shows: 'its data is there again', test: 'test/engines/backup.test.ts' },
      { engine: 'loki', shows: 'its lines are there again', test: 'test/engines/backup.test.ts' },
      { shows: 'run on the data of running services', test: 'test/integration/backup.test.ts' },
    ],
  },
  {
    path: 'collector/compose/{*.caddyfile,own-volumes.sh,{dump,restore}-records.sh,development-secrets/*}',
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
