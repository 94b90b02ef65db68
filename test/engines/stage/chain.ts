import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePorts } from '../../helpers/free-ports.ts';
import { type AlarmSink, startAlarmSink } from './alarm-sink.ts';
import { type RunningCollector, startCollector } from './collector.ts';
import { type RunningEngine, startEngine } from './engine.ts';
import { listPrometheusFlags, writeAlertmanagerFiles, writeCollectorFile, writePrometheusFiles } from './own-files.ts';
import { type SpanSink, startSpanSink } from './span-sink.ts';
import { TIME_FACTOR } from './time-factor.ts';

/** One alert as Alertmanager has it (`GET /api/v2/alerts`). */
export type HeldAlert = {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly status: { readonly state: string; readonly inhibitedBy: readonly string[] };
};
/** One series of an instant query: labels, and the value as a number. */
export type Sample = { readonly labels: Readonly<Record<string, string>>; readonly value: number };

/** Collector, Prometheus and Alertmanager with the project's own files, a store and somebody to be told. */
export type Chain = {
  /** Where services send OTLP by HTTP. */
  readonly otlpUrl: string;
  readonly alarms: AlarmSink;
  /** Stands for Tempo and Loki. */
  readonly store: SpanSink;
  readonly viewer: SpanSink;
  readonly collector: RunningCollector;
  query(promql: string): Promise<readonly Sample[]>;
  /** Any path of Prometheus' API, JSON read. */
  prometheus(path: string): Promise<unknown>;
  alerts(): Promise<readonly HeldAlert[]>;
  /** What the engines wrote. */
  output(): string;
  close(): Promise<void>;
};

/** What else belongs to a chain. */
export type ChainMore = {
  /** Addresses of other engines, by those of the targets' files, `host:port`. */
  readonly addresses?: Readonly<Record<string, string>>;
  /** More variables of the Collector. */
  readonly env?: Readonly<Record<string, string>>;
};

/**
 * Starts the three engines on free loopback ports.
 * @param startServices what sends to the Collector; rules are evaluated from when it is up, as a service that is not there
 *   yet is a service that is gone
 * @param timeFactor how many times shorter the times in the files are
 */
export async function startChain(
  startServices?: (otlpUrl: string) => Promise<void>,
  timeFactor: number = TIME_FACTOR,
  { addresses = {}, env = {} }: ChainMore = {},
): Promise<Chain> {
  const folder = mkdtempSync(join(tmpdir(), 'callspan-engines-'));
  const [store, viewer, alarms] = await Promise.all([startSpanSink(), startSpanSink(), startAlarmSink()]);
  const [prometheus = 0, alertmanager = 0] = await findFreePorts(2);
  const url = (port: number) => `http://127.0.0.1:${port}`;
  const running: Pick<RunningEngine, 'output' | 'stop'>[] = [];
  let collector: RunningCollector;
  const close = async () => {
    await Promise.all(running.map((engine) => engine.stop()));
    store.close();
    viewer.close();
    alarms.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    running.push(await startAlertmanager(join(folder, 'alertmanager'), alertmanager, alarms, timeFactor));
    collector = await startCollector({
      files: [writeCollectorFile(join(folder, 'collector'), timeFactor)],
      folder: join(folder, 'queues'),
      store,
      viewer,
      prometheusUrl: `${url(prometheus)}/api/v1/otlp/v1/metrics`,
      env,
    });
    running.push(collector);
    await startServices?.(collector.otlpUrl);
    const moved = {
      '127.0.0.1:9093': `127.0.0.1:${alertmanager}`,
      '127.0.0.1:9090': `127.0.0.1:${prometheus}`,
      '127.0.0.1:8888': collector.metricsAddress,
      ...addresses,
    };
    running.push(await startPrometheus(join(folder, 'prometheus'), prometheus, moved, timeFactor));
  } catch (error) {
    await close();
    throw error;
  }
  const get = async (address: string) => (await fetch(address)).json() as Promise<unknown>;
  const ask = (path: string) => get(`${url(prometheus)}${path}`);
  return {
    otlpUrl: collector.otlpUrl,
    alarms,
    store,
    viewer,
    collector,
    prometheus: ask,
    query: async (promql) => toSamples(await ask(`/api/v1/query?query=${encodeURIComponent(promql)}`)),
    alerts: async () => (await get(`${url(alertmanager)}/api/v2/alerts`)) as readonly HeldAlert[],
    output: () => running.map((engine) => engine.output()).join('\n'),
    close,
  };
}

function startAlertmanager(folder: string, port: number, sink: AlarmSink, timeFactor: number): Promise<RunningEngine> {
  const address = `127.0.0.1:${port}`;
  const args = [
    `--config.file=${writeAlertmanagerFiles(folder, sink, timeFactor)}`,
    `--storage.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    // One of its kind: no gossip.
    '--cluster.listen-address=',
  ];
  return startEngine('alertmanager', { args, readyUrl: `http://${address}/-/ready` });
}

function startPrometheus(
  folder: string,
  port: number,
  moved: Readonly<Record<string, string>>,
  timeFactor: number,
): Promise<RunningEngine> {
  const address = `127.0.0.1:${port}`;
  const args = [
    `--config.file=${writePrometheusFiles(folder, moved, timeFactor)}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    ...listPrometheusFlags(),
  ];
  return startEngine('prometheus', { args, readyUrl: `http://${address}/-/ready` });
}

type Answer = {
  readonly status: string;
  readonly error?: string;
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly value: readonly [number, string];
    }[];
  };
};

function toSamples(answer: unknown): readonly Sample[] {
  const { status, error, data } = answer as Answer;
  if (status !== 'success') throw new Error(error);
  return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
}
