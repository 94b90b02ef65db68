import { createRequire } from 'node:module';
import type { ExportResult } from '@opentelemetry/core';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { warnQuietly } from '../quiet-warning.ts';
import type { Handover } from './handover.ts';
import { type Exporters, loadTransformer } from './stock-exporters.ts';
import type { Signal } from './worker/protocol.ts';

// CommonJS for the same reason as in sdk/start.ts.
const load = createRequire(import.meta.url);

/** Within the 3 s of a shutdown: what is not delivered then stays on disk for the next start. */
const DELIVER_WITHIN_MS = 2500;
const SUCCESS = { code: 0 } as const satisfies ExportResult;

/** What the stock exporters have in common. */
type Straight<Items> = {
  export(items: Items, done: (result: ExportResult) => void): void;
  forceFlush?(): Promise<void>;
  shutdown(): Promise<void>;
};

/** How one signal becomes batches. */
type Lane<Items> = {
  readonly signal: Signal;
  readonly serializer: { serializeRequest(items: Items): Uint8Array | undefined };
  readonly isProtobuf: boolean;
  readonly describe: (items: Items) => { readonly items: number; readonly traceIds: readonly string[] };
  /** Straight to the receiver, for when the spool is given up. */
  readonly straight: () => Straight<Items>;
};

/**
 * Exporters that are done when their batch is with the thread of the spool. `forceFlush` is done when it is on disk and
 * an attempt to deliver it has begun: the SDK waits for it between two batches. `shutdown` is done when it has been
 * delivered, as far as the receiver and 2.5 s allow. Neither fails for a receiver that is away.
 * @param stock made when the spool is given up
 */
export function createSpoolExporters(
  handover: Handover,
  isProtobuf: Readonly<Record<Signal, boolean>>,
  stock: () => Exporters,
): Exporters {
  const transformer = loadTransformer();
  const traces: Lane<ReadableSpan[]> = {
    signal: 'traces',
    serializer: isProtobuf.traces ? transformer.ProtobufTraceSerializer : transformer.JsonTraceSerializer,
    isProtobuf: isProtobuf.traces,
    describe: (spans) => ({
      items: spans.length,
      traceIds: [...new Set(spans.map((span) => span.spanContext().traceId))],
    }),
    straight: () => stock().traces,
  };
  const logs: Lane<ReadableLogRecord[]> = {
    signal: 'logs',
    serializer: isProtobuf.logs ? transformer.ProtobufLogsSerializer : transformer.JsonLogsSerializer,
    isProtobuf: isProtobuf.logs,
    describe: (records) => ({ items: records.length, traceIds: [] }),
    straight: () => stock().logs,
  };
  const metrics: Lane<ResourceMetrics> = {
    signal: 'metrics',
    serializer: isProtobuf.metrics ? transformer.ProtobufMetricsSerializer : transformer.JsonMetricsSerializer,
    isProtobuf: isProtobuf.metrics,
    describe: () => ({ items: 1, traceIds: [] }),
    straight: () => stock().metrics,
  };
  // It alone knows the variables about temporality.
  const { OTLPMetricExporterBase } = load(
    '@opentelemetry/exporter-metrics-otlp-http',
  ) as typeof import('@opentelemetry/exporter-metrics-otlp-http');
  return {
    traces: createExporter(handover, traces),
    logs: createExporter(handover, logs),
    metrics: new OTLPMetricExporterBase({ ...createExporter(handover, metrics), setMetrics() {} }),
  };
}

function createExporter<Items>(handover: Handover, lane: Lane<Items>) {
  return {
    export(items: Items, done: (result: ExportResult) => void) {
      if (handover.isGivenUp()) {
        lane.straight().export(items, done);
        return;
      }
      const described = lane.describe(items);
      const body = serialize(lane, items);
      if (body instanceof Error) {
        handover.losses.add('not_stored', described.traceIds);
        done({ code: 1, error: body });
        return;
      }
      const batch = { ...described, protobuf: lane.isProtobuf, body: exact(body) };
      const isTaken = handover.push(lane.signal, batch, () => putBack(lane, items));
      done(isTaken ? SUCCESS : { code: 1, error: new Error(`the spool takes no more ${lane.signal}`) });
    },
    // It may be given up meanwhile: what then goes straight is waited for, too.
    async forceFlush() {
      await handover.drain(lane.signal, 0);
      if (handover.isGivenUp()) await lane.straight().forceFlush?.();
    },
    async shutdown() {
      await handover.drain(lane.signal, DELIVER_WITHIN_MS);
      if (handover.isGivenUp()) await lane.straight().shutdown();
    },
  };
}

function serialize<Items>({ signal, serializer }: Lane<Items>, items: Items): Uint8Array | Error {
  try {
    return serializer.serializeRequest(items) ?? new Error(`${signal} could not be serialised`);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Nobody waits for the answer any more: they were told that the batch is with the thread. */
function putBack<Items>({ signal, straight }: Lane<Items>, items: Items): void {
  const tell = (error: unknown) => warnQuietly(`${signal} were not exported: ${error}`);
  try {
    straight().export(items, ({ code, error }) => {
      if (code !== 0) tell(error ?? 'no reason given');
    });
  } catch (error) {
    tell(error);
  }
}

/** Without the room around it that the protobuf writer leaves: it would be copied along. */
function exact(body: Uint8Array): Uint8Array {
  return body.byteLength === body.buffer.byteLength ? body : body.slice();
}
