import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { createRequire } from 'node:module';
import { context as contextApi, ROOT_CONTEXT } from '@opentelemetry/api';
import { readTelemetryConfig, type TelemetryConfig } from '../sdk/config.ts';
import { readProtocols } from '../spool/config.ts';
import { readDestinations } from '../spool/destinations.ts';
import type { Destination, Signal } from '../spool/worker/protocol.ts';

const load = createRequire(import.meta.url);

const ASK_TIMEOUT_MS = 5000;
/** The one field of each signal's request (opentelemetry-proto, collector services); as protobuf an empty message has none. */
const EMPTY: Readonly<Record<Signal, string>> = {
  traces: 'resourceSpans',
  metrics: 'resourceMetrics',
  logs: 'resourceLogs',
};

/** One place that telemetry of this process goes to. */
export type TelemetryPlace = {
  /** Scheme, host and port: never a path or a password. */
  readonly origin: string;
  readonly signals: readonly Signal[];
  /** Resolves when the receiver takes an empty delivery of each signal. @throws Error saying what happened instead */
  readonly ask: () => Promise<void>;
};

/** Where the signals of this process go, as its environment says; none when telemetry is off. */
export async function findTelemetryPlaces(
  config: TelemetryConfig = readTelemetryConfig(),
): Promise<readonly TelemetryPlace[]> {
  if (config.disabled) return [];
  const headers = config.telemetryToken ? { authorization: `Bearer ${config.telemetryToken}` } : {};
  const destinations = await readDestinations(headers);
  const isProtobuf = readProtocols();
  const isOn: Readonly<Record<Signal, boolean>> = {
    traces: config.exportTraces,
    metrics: config.metrics.isPushed,
    logs: config.exportLogs,
  };
  const byOrigin = new Map<string, Signal[]>();
  for (const signal of ['traces', 'metrics', 'logs'] as const) {
    if (!isOn[signal]) continue;
    const { origin } = new URL(destinations[signal].url);
    byOrigin.set(origin, [...(byOrigin.get(origin) ?? []), signal]);
  }
  return [...byOrigin].map(([origin, signals]) => ({
    origin,
    signals,
    ask: async () => {
      for (const signal of signals) await sendEmpty(signal, destinations[signal], isProtobuf[signal]);
    },
  }));
}

/**
 * An OTLP request without anything in it, which every receiver has to take, in the encoding that it gets telemetry in: a
 * receiver may read one alone. Makes no span.
 */
function sendEmpty(signal: Signal, { url, headers, tls }: Destination, isProtobuf: boolean): Promise<void> {
  const { suppressTracing } = load('@opentelemetry/core') as typeof import('@opentelemetry/core');
  return contextApi.with(suppressTracing(ROOT_CONTEXT), () => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const isHttps = url.startsWith('https:');
    const { 'content-encoding': _, ...kept } = headers as Record<string, string>;
    const options = {
      method: 'POST',
      headers: { ...kept, 'content-type': isProtobuf ? 'application/x-protobuf' : 'application/json' },
      signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
      ...(isHttps ? (tls as Record<string, Buffer>) : {}),
    };
    const request = (isHttps ? requestHttps : requestHttp)(url, options, (response) => {
      response.resume();
      const { statusCode = 0 } = response;
      if (statusCode >= 200 && statusCode < 300) resolve();
      else reject(new Error(`${signal} are answered with ${statusCode}`));
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      reject(new Error(error.name === 'TimeoutError' ? 'no answer' : (error.code ?? error.name)));
    });
    request.on('socket', (socket) => socket.unref());
    request.end(isProtobuf ? '' : JSON.stringify({ [EMPTY[signal]]: [] }));
    return promise;
  });
}
