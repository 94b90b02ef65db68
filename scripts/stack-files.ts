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

/** Every file of the production stack. */
export const STACK_FILES: readonly StackFile[] = [
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
      {
        engine: 'prometheus',
        shows: 'takes the metrics of simulated calls, alarms',
        test: 'test/engines/chain.test.ts',
      },
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
      {
        engine: 'prometheus',
        shows: 'scrapes a process with the kit, with its token only',
        test: 'test/engines/scrape.test.ts',
      },
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
    path: 'collector/loki/loki.yaml',
    what: 'Loki',
    proofs: [
      { engine: 'loki', shows: 'is taken', test: STACK_TEST, command: LOKI_COMMAND },
      {
        engine: 'loki',
        shows: 'three labels, a line by trace id, erasure, retention',
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
];
