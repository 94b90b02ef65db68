import type { Agent } from 'node:https';
import { createRequire } from 'node:module';
import { SIGNAL_NAMES } from './signal-names.ts';
import type { Destination, Destinations, Signal } from './worker/protocol.ts';

const load = createRequire(import.meta.url);

/**
 * Where each signal goes, as the standard variables say: read by the stock exporters' own code, so that endpoint,
 * headers, time-out, compression and certificates mean exactly what they mean there.
 * @param headers of ours, above those of the environment
 */
export async function readDestinations(headers: Readonly<Record<string, string>>): Promise<Destinations> {
  const [traces, logs, metrics] = await Promise.all([
    readDestination('traces', headers),
    readDestination('logs', headers),
    readDestination('metrics', headers),
  ]);
  return { traces, logs, metrics };
}

async function readDestination(signal: Signal, headers: Readonly<Record<string, string>>): Promise<Destination> {
  const { variable, path } = SIGNAL_NAMES[signal];
  const options = loadBase().convertLegacyHttpOptions({ headers: { ...headers } }, variable, path, {});
  const agent = (await options.agentFactory(new URL(options.url).protocol)) as Agent;
  const { ca, cert, key } = agent.options as Record<string, Uint8Array | undefined>;
  agent.destroy();
  return {
    url: options.url,
    headers: await options.headers(),
    timeoutMs: options.timeoutMillis,
    gzip: options.compression === 'gzip',
    tls: { ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) },
  };
}

/** Found from the exporter that depends on it: the copy that the stock exporters use, wherever npm has put it. */
export function loadBase(): typeof import('@opentelemetry/otlp-exporter-base/node-http') {
  const fromExporter = createRequire(load.resolve('@opentelemetry/exporter-trace-otlp-http'));
  return fromExporter('@opentelemetry/otlp-exporter-base/node-http');
}
