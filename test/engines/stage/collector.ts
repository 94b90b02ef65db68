import { findFreePorts } from '../../helpers/free-ports.ts';
import { type EngineStart, type RunningEngine, startEngine } from './engine.ts';

/** The key that services and the Collector share in tests. */
export const HMAC_KEY = 'a-key-of-tests-that-is-long-enough';

/** Where the Collector sends, and what it is started with. */
export type CollectorStart = {
  /** Its configuration, the later over the earlier. */
  readonly files: readonly string[];
  /** For its queues. */
  readonly folder: string;
  /** Stands for Tempo and Loki. */
  readonly store: { readonly url: string };
  readonly viewer: { readonly url: string };
  /** Default: the store, which takes metrics and looks at none. */
  readonly prometheusUrl?: string;
  readonly env?: Readonly<Record<string, string>>;
};

/** A Collector that can be killed and started anew at the same addresses, with the queues it had. */
export type RunningCollector = {
  /** Where services send OTLP by HTTP. */
  readonly otlpUrl: string;
  /** `host:port` of its own metrics. */
  readonly metricsAddress: string;
  readonly healthUrl: string;
  /** Its own metrics, as text. */
  metrics(): Promise<string>;
  output(): string;
  /** SIGKILL: nothing is flushed. */
  kill(): Promise<void>;
  startAgain(): Promise<void>;
  stop(): Promise<void>;
};

/** Starts the Collector on free loopback ports. */
export async function startCollector(start: CollectorStart): Promise<RunningCollector> {
  const [grpc = 0, http = 0, own = 0, health = 0] = await findFreePorts(4);
  const { store, viewer, prometheusUrl = `${store.url}/v1/metrics` } = start;
  const metricsAddress = `127.0.0.1:${own}`;
  const options: EngineStart = {
    args: start.files.flatMap((file) => ['--config', file]),
    env: {
      CALLSPAN_COLLECTOR_GRPC: `127.0.0.1:${grpc}`,
      CALLSPAN_COLLECTOR_HTTP: `127.0.0.1:${http}`,
      CALLSPAN_COLLECTOR_METRICS_PORT: String(own),
      CALLSPAN_COLLECTOR_HEALTH: `127.0.0.1:${health}`,
      CALLSPAN_COLLECTOR_DATA: start.folder,
      CALLSPAN_HMAC_KEY: HMAC_KEY,
      CALLSPAN_TEMPO_OTLP_URL: store.url,
      CALLSPAN_LOKI_OTLP_URL: `${store.url}/otlp`,
      CALLSPAN_VIEWER_OTLP_URL: viewer.url,
      CALLSPAN_PROMETHEUS_OTLP_URL: prometheusUrl,
      ...start.env,
    },
    readyUrl: `http://127.0.0.1:${health}/ready`,
  };
  const runs: RunningEngine[] = [await startEngine('otelcol', options)];
  return {
    otlpUrl: `http://127.0.0.1:${http}`,
    metricsAddress,
    healthUrl: options.readyUrl,
    metrics: async () => (await fetch(`http://${metricsAddress}/metrics`)).text(),
    output: () => runs.map((run) => run.output()).join('\n'),
    kill: async () => runs.at(-1)?.kill(),
    startAgain: async () => {
      runs.push(await startEngine('otelcol', options));
    },
    stop: async () => runs.at(-1)?.stop(),
  };
}
