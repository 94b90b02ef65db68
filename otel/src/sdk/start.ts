import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import { hostname } from 'node:os';
import { DiagConsoleLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import type { NodeSDK } from '@opentelemetry/sdk-node';
import { Attr, MAX_ATTRIBUTE_LENGTH, QUIET_PATHS } from '../conventions/index.ts';
import { hasOwnWebhookSpans } from '../webhook-server.ts';
import { readTelemetryConfig, type TelemetryConfig } from './config.ts';
import { createPendingAnnouncer } from './pending.ts';
import { createCallStamp, createScrubber } from './span-processors.ts';

/** SIGTERM to SIGKILL is 10 s in the usual supervisors: what cannot be delivered within this is given up. */
const SHUTDOWN_DEADLINE_MS = 3000;

// The SDK is taken as CommonJS although this file is an ES module: its ES build imports node:http before the
// instrumentation is ready, which then patches it twice and doubles every client span.
const load = createRequire(import.meta.url);

let running: NodeSDK | undefined;

/** Starts the OpenTelemetry SDK as the environment says (see `readTelemetryConfig`). Called once, by the preload. */
export function startTelemetry(config: TelemetryConfig = readTelemetryConfig()): void {
  if (config.disabled || running) return;
  diag.setLogger(new DiagConsoleLogger(), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const { NodeSDK } = load('@opentelemetry/sdk-node') as typeof import('@opentelemetry/sdk-node');
  const { W3CTraceContextPropagator } = load('@opentelemetry/core') as typeof import('@opentelemetry/core');
  const { resourceFromAttributes } = load('@opentelemetry/resources') as typeof import('@opentelemetry/resources');
  const { envDetector } = load('@opentelemetry/resources') as typeof import('@opentelemetry/resources');
  running = new NodeSDK({
    resource: resourceFromAttributes(resourceOf(config)),
    resourceDetectors: [envDetector],
    spanProcessors: createSpanProcessors(config),
    logRecordProcessors: createLogProcessors(config),
    metricReaders: [],
    spanLimits: { attributeValueLengthLimit: MAX_ATTRIBUTE_LENGTH, eventCountLimit: 128 },
    textMapPropagator: new W3CTraceContextPropagator(),
    instrumentations: createInstrumentations(),
  });
  running.start();
}

/** Sends what is still queued, for at most 3 s. Call it when everything else has been closed; never throws. */
export async function shutdownTelemetry(): Promise<void> {
  if (!running) return;
  const sdk = running;
  running = undefined;
  const { promise: deadline, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, SHUTDOWN_DEADLINE_MS);
  await Promise.race([sdk.shutdown().catch((error) => diag.warn('telemetry was not delivered', error)), deadline]);
  clearTimeout(timer);
}

function resourceOf(config: TelemetryConfig): Record<string, string | number> {
  const { version } = load('../../package.json') as { version: string };
  return {
    [Attr.serviceName]: config.serviceName,
    [Attr.serviceNamespace]: 'callspan',
    [Attr.serviceVersion]: version,
    [Attr.serviceInstanceId]: randomUUID(),
    [Attr.deploymentEnvironment]: config.environment,
    [Attr.hostName]: hostname(),
    [Attr.processPid]: process.pid,
  };
}

function createSpanProcessors(config: TelemetryConfig) {
  const { BatchSpanProcessor } = load('@opentelemetry/sdk-trace') as typeof import('@opentelemetry/sdk-trace');
  const { OTLPTraceExporter } = load(
    '@opentelemetry/exporter-trace-otlp-http',
  ) as typeof import('@opentelemetry/exporter-trace-otlp-http');
  const processors = [createCallStamp(), createScrubber()];
  if (config.liveEndpoint) processors.push(createPendingAnnouncer(config.liveEndpoint, config.telemetryToken));
  if (config.exportTraces) {
    const exporter = new OTLPTraceExporter({ headers: authorization(config), timeoutMillis: 10_000 });
    // A batch of 512 blocks the event loop for milliseconds: half of it keeps the 20 ms media clock steady.
    processors.push(
      new BatchSpanProcessor({ exporter, maxQueueSize: 20_000, maxExportBatchSize: 256, scheduledDelayMillis: 250 }),
    );
  }
  return processors;
}

function createLogProcessors(config: TelemetryConfig) {
  if (!config.exportLogs) return [];
  const { BatchLogRecordProcessor } = load('@opentelemetry/sdk-logs') as typeof import('@opentelemetry/sdk-logs');
  const { OTLPLogExporter } = load(
    '@opentelemetry/exporter-logs-otlp-http',
  ) as typeof import('@opentelemetry/exporter-logs-otlp-http');
  const exporter = new OTLPLogExporter({ headers: authorization(config), timeoutMillis: 10_000 });
  return [
    new BatchLogRecordProcessor({ exporter, maxQueueSize: 20_000, maxExportBatchSize: 256, scheduledDelayMillis: 250 }),
  ];
}

function authorization(config: TelemetryConfig): Record<string, string> {
  return config.telemetryToken ? { authorization: `Bearer ${config.telemetryToken}` } : {};
}

/** Listed by hand: with the defaults of auto-instrumentations-node one webhook makes 24 spans. */
function createInstrumentations() {
  const { HttpInstrumentation } = load(
    '@opentelemetry/instrumentation-http',
  ) as typeof import('@opentelemetry/instrumentation-http');
  const { ExpressInstrumentation, ExpressLayerType } = load(
    '@opentelemetry/instrumentation-express',
  ) as typeof import('@opentelemetry/instrumentation-express');
  const { UndiciInstrumentation } = load(
    '@opentelemetry/instrumentation-undici',
  ) as typeof import('@opentelemetry/instrumentation-undici');
  const { PgInstrumentation } = load(
    '@opentelemetry/instrumentation-pg',
  ) as typeof import('@opentelemetry/instrumentation-pg');
  return [
    new HttpInstrumentation({
      ignoreIncomingRequestHook: (request) => isQuiet(request) || hasOwnWebhookSpans(request),
    }),
    new ExpressInstrumentation({
      ignoreLayersType: [ExpressLayerType.MIDDLEWARE, ExpressLayerType.ROUTER, ExpressLayerType.REQUEST_HANDLER],
    }),
    new UndiciInstrumentation(),
    new PgInstrumentation({ requireParentSpan: true, ignoreConnectSpans: true }),
  ];
}

function isQuiet(request: IncomingMessage): boolean {
  return QUIET_PATHS.includes((request.url ?? '').split('?', 1)[0] ?? '');
}
