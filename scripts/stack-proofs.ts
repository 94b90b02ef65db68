// How a file of the production stack is proven: by which engine, in which test.

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
