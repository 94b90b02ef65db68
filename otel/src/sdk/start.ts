import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { hostname } from 'node:os';
import { DiagLogLevel, diag, metrics, type TextMapPropagator } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { HttpInstrumentation, HttpInstrumentationConfig } from '@opentelemetry/instrumentation-http';
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { IMetricReader } from '@opentelemetry/sdk-metrics';
import type { NodeSDK } from '@opentelemetry/sdk-node';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import { Attr, MAX_ATTRIBUTE_LENGTH, QUIET_PATHS } from '../conventions/index.ts';
import { startDeferring, stopDeferring } from '../deferred.ts';
import { createDiagLines } from '../logs/diag-lines.ts';
import { watchExceptions } from '../logs/exceptions.ts';
import { guardLabels } from '../metrics/label-guard.ts';
import { createLogCounter } from '../metrics/log-counter.ts';
import { observeProcess } from '../metrics/process-metrics.ts';
import { createMetricReaders } from '../metrics/readers.ts';
import { createMetricViews } from '../metrics/views.ts';
import { isCountedHere } from '../model/http-duration.ts';
import { warnQuietly } from '../quiet-warning.ts';
import { createRedactingLogProcessor } from '../redaction/log-processor.ts';
import { processRedactor } from '../redaction/redactor.ts';
import { hasOwnWebhookSpans } from '../webhook-server.ts';
import { createLogBatches, createLogCatchUp, createSpanBatches } from './batches.ts';
import { readTelemetryConfig, type TelemetryConfig } from './config.ts';
import { type Outlet, openOutlet } from './outlet.ts';
import { createPendingAnnouncer } from './pending.ts';
import { readServiceVersion } from './service-version.ts';
import { runShutdown } from './shutdown.ts';
import { createCallStamp, createRedactingProcessor, deferEnds } from './span-processors.ts';

/** SIGTERM to SIGKILL is 10 s in the usual supervisors: what cannot be delivered within this is given up. */
const SHUTDOWN_DEADLINE_MS = 3000;
/**
 * A batch of 512 blocks the event loop for milliseconds: half of it keeps the 20 ms media clock steady. What was deferred
 * (100 ms) is handed over at once: the other half of the fifth of a second after which a span can no longer be lost with
 * the process is the disk's.
 */
const BATCH = { maxQueueSize: 20_000, maxExportBatchSize: 256, scheduledDelayMillis: 50 } as const;

// The SDK is taken as CommonJS although this file is an ES module: its ES build imports node:http before the
// instrumentation is ready, which then patches it twice and doubles every client span.
const load = createRequire(import.meta.url);

let running: NodeSDK | undefined;

/** Parts of one's own beside the kit's: they see what the kit's exporters see. */
export type TelemetryParts = {
  readonly spanProcessors?: readonly SpanProcessor[];
  readonly logRecordProcessors?: readonly LogRecordProcessor[];
  readonly metricReaders?: readonly IMetricReader[];
  readonly instrumentations?: readonly Instrumentation[];
  /** Instead of W3C Trace Context. */
  readonly propagator?: TextMapPropagator;
  /** Beside the kit's own settings of the HTTP instrumentation. */
  readonly http?: Pick<HttpInstrumentationConfig, 'requestHook' | 'ignoreOutgoingRequestHook'>;
};

/**
 * Starts the OpenTelemetry SDK as the environment says (see `readTelemetryConfig`). Called once, before the
 * application's first import: by the preload, or by a preload of one's own that adds `parts`.
 */
export function startTelemetry(parts: TelemetryParts = {}, config: TelemetryConfig = readTelemetryConfig()): void {
  if (config.disabled || running) return;
  const { text: redact } = processRedactor();
  const diagLines = createDiagLines({ write: (line) => void process.stderr.write(`${line}\n`), redact });
  diag.setLogger(diagLines, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const { NodeSDK } = load('@opentelemetry/sdk-node') as typeof import('@opentelemetry/sdk-node');
  const { W3CTraceContextPropagator } = load('@opentelemetry/core') as typeof import('@opentelemetry/core');
  const { resourceFromAttributes } = load('@opentelemetry/resources') as typeof import('@opentelemetry/resources');
  const { envDetector } = load('@opentelemetry/resources') as typeof import('@opentelemetry/resources');
  const outlet = openOutlet(config);
  const logCounter = createLogCounter();
  const spanProcessors = createSpanProcessors(config, outlet);
  const logProcessors = createLogProcessors(config, outlet);
  const instrumentations = createInstrumentations(parts.http);
  running = new NodeSDK({
    resource: resourceFromAttributes(resourceOf(config)),
    resourceDetectors: [envDetector],
    spanProcessors: [deferEnds([...spanProcessors, ...(parts.spanProcessors ?? [])])],
    logRecordProcessors: [
      createLogCatchUp(),
      logCounter.processor,
      ...logProcessors,
      ...(parts.logRecordProcessors ?? []),
    ],
    metricReaders: [...createMetricReaders(config, outlet.metrics), ...(parts.metricReaders ?? [])],
    views: createMetricViews(),
    spanLimits: { attributeValueLengthLimit: MAX_ATTRIBUTE_LENGTH, eventCountLimit: 128 },
    textMapPropagator: parts.propagator ?? new W3CTraceContextPropagator(),
    instrumentations: [...instrumentations, ...(parts.instrumentations ?? [])],
  });
  running.start();
  guardLabels(metrics.getMeterProvider(), processRedactor());
  startDeferring();
  patchNow(instrumentations[0]);
  // First, since whoever asks for it catches up with what was deferred.
  outlet.ledger.observe();
  observeProcess();
  logCounter.observe();
  process.once('exit', () => {
    // An application that ends itself, of a signal that it handles or of no work left, may not have ended its calls.
    stopDeferring();
    if (running) void runShutdown();
    outlet.settle([...spanProcessors, ...logProcessors]);
  });
  if (config.watchExceptions) watchExceptions({ flush: shutdownTelemetry });
}

/** The SDK of this process was started and has not been shut down. */
export function isTelemetryRunning(): boolean {
  return running !== undefined;
}

/** Sends what is still queued, for at most 3 s. Call it when everything else has been closed; never throws. */
export async function shutdownTelemetry(): Promise<void> {
  const sdk = running;
  running = undefined;
  stopDeferring();
  // A Node that is too old has no `Promise.withResolvers`, runs untraced, and calls this all the same.
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, SHUTDOWN_DEADLINE_MS);
  });
  // What others finish may end spans: it begins first.
  const finished = runShutdown();
  const delivered = sdk?.shutdown().catch((error) => warnQuietly('telemetry was not delivered:', error));
  await Promise.race([Promise.all([finished, delivered]), deadline]);
  clearTimeout(timer);
}

function resourceOf(config: TelemetryConfig): Record<string, string | number> {
  const version = readServiceVersion();
  return {
    [Attr.serviceName]: config.serviceName,
    [Attr.serviceNamespace]: 'callspan',
    ...(version === undefined ? {} : { [Attr.serviceVersion]: version }),
    [Attr.serviceInstanceId]: randomUUID(),
    [Attr.deploymentEnvironment]: config.environment,
    [Attr.hostName]: hostname(),
    [Attr.processPid]: process.pid,
  };
}

function createSpanProcessors(config: TelemetryConfig, { traces, ledger, dropped }: Outlet): SpanProcessor[] {
  const redactor = processRedactor();
  const processors = [ledger.processor, createCallStamp(), createRedactingProcessor(redactor)];
  if (config.liveEndpoint)
    processors.push(createPendingAnnouncer(config.liveEndpoint, { token: config.telemetryToken, redactor }));
  if (config.exportTraces) processors.push(createSpanBatches(traces, BATCH, dropped));
  return processors;
}

function createLogProcessors(config: TelemetryConfig, { logs }: Outlet): LogRecordProcessor[] {
  const redacting = createRedactingLogProcessor(processRedactor());
  if (!config.exportLogs) return [redacting];
  return [redacting, createLogBatches(logs, BATCH)];
}

/** Listed by hand: with the defaults of auto-instrumentations-node one webhook makes 24 spans. */
function createInstrumentations(http: TelemetryParts['http'] = {}): [HttpInstrumentation, ...Instrumentation[]] {
  const { HttpInstrumentation: Http } = load(
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
    new Http({
      ...http,
      ignoreIncomingRequestHook: (request) => isQuiet(request) || hasOwnWebhookSpans(request),
    }),
    new ExpressInstrumentation({
      ignoreLayersType: [ExpressLayerType.MIDDLEWARE, ExpressLayerType.ROUTER, ExpressLayerType.REQUEST_HANDLER],
    }),
    new UndiciInstrumentation({ ignoreRequestHook: isCountedHere }),
    new PgInstrumentation({ requireParentSpan: true, ignoreConnectSpans: true }),
  ];
}

/**
 * A hook on `require` sees a module the first time only. With an instrumentation that was made before the kit's (a part of
 * one's own, those of auto-instrumentations-node) the SDK's own `require('http')` is that first time: too early for ours.
 */
function patchNow(http: HttpInstrumentation): void {
  const { isWrapped } = load('@opentelemetry/instrumentation') as typeof import('@opentelemetry/instrumentation');
  for (const { name, patch } of http.getModuleDefinitions()) {
    const core = load(`node:${name}`) as typeof import('node:http');
    // The instrumentation forgets what it patched in its own constructor, and would do it twice.
    if (!isWrapped(core.request)) patch?.(core);
  }
  syncBuiltinESMExports();
}

function isQuiet(request: IncomingMessage): boolean {
  return QUIET_PATHS.includes((request.url ?? '').split('?', 1)[0] ?? '');
}
