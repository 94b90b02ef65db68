import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { parse, stringify } from 'yaml';
import { type RunningCollector, startCollector } from '../test/engines/stage/collector.ts';
import { eventually } from '../test/engines/stage/engine.ts';
import { startSink } from './kit/bots.ts';
import { tellProgress } from './progress.ts';
import type { SentBody } from './volume/receiver.ts';

const BASE = 'otel-collector.yaml';
const SAMPLING = 'collector/overlays/sampling.generated.yaml';
const CALLS_FILE = 'bench/recorded/calls.json.gz';
const DRAINED_WITHIN_MS = 120_000;
const MIB = 2 ** 20;

type Recorded = { readonly calls: number; readonly bodies: readonly SentBody[] };

/** The figures of `npm run bench -- collector`. */
export type CollectorReport = {
  readonly bench: 'collector';
  readonly calls: number;
  /** Processor time of the base pipeline for the spans and log records of a call, redaction and queues included. */
  readonly cpuMsPerCall: number;
  readonly spansPerCall: number;
  /** Memory of the process when nothing came yet, MiB. */
  readonly idleRssMb: number;
  /** Bytes that leave for the stores: protobuf in batches, gzip. */
  readonly tempoBytesPerCall: number;
  readonly lokiBytesPerCall: number;
  /** With the sampling overlay: memory for a span that waits for the decision, bytes of the process' resident memory. */
  readonly sampledSpanBytes: number;
};

/**
 * What the Collector needs for a call: recorded calls (`npm run bench -- volume --save`), sent again with trace ids of
 * their own, to the Collector that the engine tests build, with our files; then with the sampling overlay, for the memory
 * of spans that wait. `args`: `--calls` (default 400).
 */
export async function collector(args: readonly string[]): Promise<CollectorReport> {
  const { values } = parseArgs({
    args: [...args],
    options: { json: { type: 'boolean', default: false }, calls: { type: 'string', default: '400' } },
  });
  const calls = Number(values.calls);
  const recorded = JSON.parse(gunzipSync(readFileSync(CALLS_FILE)).toString()) as Recorded;
  const spansPerCall =
    recorded.bodies.flatMap(({ body }) => body.match(/"startTimeUnixNano"/g) ?? []).length / recorded.calls;
  const base = await run([BASE], recorded, calls);
  const sampled = await run([BASE, SAMPLING], recorded, calls);
  const heldSpans = calls * spansPerCall;
  return {
    bench: 'collector',
    calls,
    cpuMsPerCall: Math.round((base.cpuS * 1000) / calls),
    spansPerCall: Math.round(spansPerCall),
    idleRssMb: Math.round(base.idleRss / MIB),
    tempoBytesPerCall: Math.round(base.tempoBytes / calls),
    lokiBytesPerCall: Math.round(base.lokiBytes / calls),
    // What the base pipeline grows by under the same load is not the waiting spans'.
    sampledSpanBytes: Math.round((sampled.grownRss - base.grownRss) / heldSpans),
  };
}

async function run(files: readonly string[], recorded: Recorded, calls: number) {
  const folder = mkdtempSync(join(tmpdir(), 'callspan-collector-'));
  const [tempo, loki, others] = await Promise.all([startSink(), startSink(), startSink()]);
  const running = await startCollector({
    files: files.map((file) => (file === SAMPLING ? writeHoldingOverlay(folder) : file)),
    folder,
    store: tempo,
    viewer: others,
    prometheusUrl: `${others.url}/v1/metrics`,
    env: { CALLSPAN_LOKI_OTLP_URL: loki.url },
  });
  try {
    const idle = await readUsage(running);
    await sendCalls(running.otlpUrl, recorded, calls);
    await eventually('the queues are empty', DRAINED_WITHIN_MS, async () => isDrained(await running.metrics()));
    const after = await readUsage(running);
    return {
      cpuS: after.cpuS - idle.cpuS,
      idleRss: idle.rss,
      grownRss: after.rss - idle.rss,
      tempoBytes: tempo.taken().bytes,
      lokiBytes: loki.taken().bytes,
    };
  } finally {
    await running.stop();
    await Promise.all([tempo.close(), loki.close(), others.close()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The sampling overlay, in which nothing is a reason to keep a call: every span waits for the decision. */
function writeHoldingOverlay(folder: string): string {
  const overlay = parse(readFileSync(SAMPLING, 'utf8')) as { processors: { tail_sampling: { policies: unknown[] } } };
  const never = { name: 'never', type: 'probabilistic', probabilistic: { sampling_percentage: 0 } };
  overlay.processors.tail_sampling.policies = [never];
  const file = join(folder, 'holding.yaml');
  writeFileSync(file, stringify(overlay));
  return file;
}

/** The recorded calls again and again, each time with other trace ids. */
async function sendCalls(url: string, { calls: recordedCalls, bodies }: Recorded, calls: number): Promise<void> {
  const rounds = Math.ceil(calls / recordedCalls);
  for (let round = 0; round < rounds; round += 1) {
    const ids = new Map<string, string>();
    const renamed = (id: string) => {
      const known = ids.get(id) ?? randomBytes(16).toString('hex');
      ids.set(id, known);
      return known;
    };
    for (const { signal, body } of bodies) {
      const text = body.replaceAll(/"traceId":"([0-9a-f]{32})"/g, (_, id: string) => `"traceId":"${renamed(id)}"`);
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${url}/v1/${signal}`, { method: 'POST', headers, body: text });
      if (!answer.ok) throw new Error(`the Collector answers ${answer.status}: ${await answer.text()}`);
      await answer.arrayBuffer();
    }
    tellProgress(round + 1, rounds, 'rounds');
  }
}

function isDrained(metrics: string): boolean {
  const sizes = [...metrics.matchAll(/^otelcol_exporter_queue_size\{.*\} (\S+)$/gm)];
  return sizes.length > 0 && sizes.every(([, size]) => Number(size) === 0);
}

async function readUsage(running: RunningCollector): Promise<{ readonly cpuS: number; readonly rss: number }> {
  const metrics = await running.metrics();
  const value = (name: string) =>
    Number(new RegExp(`^${name}(?:_total|_bytes)?(?:\\{.*\\})? (\\S+)$`, 'm').exec(metrics)?.[1]);
  return { cpuS: value('otelcol_process_cpu_seconds'), rss: value('otelcol_process_memory_rss') };
}
