import { type Attributes, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  type ReadableLogRecord,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

const resource = resourceFromAttributes({ 'service.name': 'bot', 'service.namespace': 'callspan', 'process.pid': 42 });
const attributes: Attributes = {
  text: 'Où êtes-vous ?',
  integer: 1400,
  long: Number.MAX_SAFE_INTEGER,
  negative: -7,
  fraction: 0.051,
  yes: true,
  no: false,
  empty: '',
  texts: ['stop', 'length'],
  numbers: [1, 2.5],
};

/** Spans as the SDK makes them: every kind of attribute, an event, a link, an error, a child. */
export function createSdkSpans(): ReadableSpan[] {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const tracer = provider.getTracer('callspan', '0.1.0');
  const link = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: TraceFlags.SAMPLED };
  const root = tracer.startSpan('POST /voice', {
    kind: SpanKind.SERVER,
    startTime: [1_795_246_035, 171_353_123],
    attributes,
    links: [{ context: link, attributes: { why: 'rejected' } }],
  });
  root.addEvent('gen_ai.first_chunk', { index: 1 }, [1_795_246_035, 200_000_001]);
  root.setStatus({ code: SpanStatusCode.ERROR, message: 'gone' });
  root.end([1_795_246_036, 999_999_999]);
  provider.getTracer('other').startSpan('plain').end();
  return exporter.getFinishedSpans();
}

/** Log records as the SDK makes them. */
export function createSdkLogs(): ReadableLogRecord[] {
  const exporter = new InMemoryLogRecordExporter();
  const provider = new LoggerProvider({ resource, processors: [new SimpleLogRecordProcessor({ exporter })] });
  const logger = provider.getLogger('Bootstrap');
  logger.emit({
    timestamp: [1_795_246_035, 171_353_123],
    severityNumber: 13,
    severityText: 'warn',
    body: 'slow',
    eventName: 'stage.stuck',
    attributes: { ...attributes, map: { inner: [1, 'two'] }, nothing: null },
  });
  logger.emit({ body: { said: ['a', 1] } });
  return exporter.getFinishedLogRecords();
}

type JsonValue = string | number | boolean;
/** A span for an OTLP/JSON body; times in milliseconds after `T0_MS`, `endMs` null for an open one. */
export type SampleSpan = {
  readonly traceId?: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind?: number;
  readonly startMs?: number;
  readonly endMs?: number | null;
  readonly status?: number;
  readonly attributes?: Readonly<Record<string, JsonValue>>;
};

/** 21 November 2026, 10:00 UTC. */
export const T0_MS = 1_795_255_200_000;
/** A trace id and span ids with a number at their end. */
export const traceIdOf = (number: number) => number.toString(16).padStart(32, '1');
export const spanIdOf = (number: number) => number.toString(16).padStart(16, '2');

const toAny = (value: JsonValue) => {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
};
const toPairs = (values: Readonly<Record<string, JsonValue>>) =>
  Object.entries(values).map(([key, value]) => ({ key, value: toAny(value) }));
const toNs = (offsetMs: number) => String(BigInt(T0_MS) * 1_000_000n + BigInt(Math.round(offsetMs * 1e6)));

/** An OTLP/JSON export request of one service. */
export function toTracesBody(spans: readonly SampleSpan[], service = 'bot'): object {
  const resource = { attributes: toPairs({ 'service.name': service, 'service.namespace': 'callspan' }) };
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'callspan' }, spans: spans.map(toJsonSpan) }] }] };
}

function toJsonSpan({ traceId = traceIdOf(1), startMs = 0, endMs = 10, status = 0, kind = 1, ...span }: SampleSpan) {
  return {
    ...span,
    traceId,
    kind,
    startTimeUnixNano: toNs(startMs),
    endTimeUnixNano: endMs === null ? '0' : toNs(endMs),
    attributes: toPairs(span.attributes ?? {}),
    status: { code: status },
  };
}

/** A log record for an OTLP/JSON body. */
export type SampleLog = {
  readonly traceId?: string;
  readonly body: string;
  readonly atMs?: number;
  readonly eventName?: string;
  readonly attributes?: Readonly<Record<string, JsonValue>>;
};

/** An OTLP/JSON export request of log records. */
export function toLogsBody(logs: readonly SampleLog[]): object {
  const resource = { attributes: toPairs({ 'service.name': 'bot' }) };
  const logRecords = logs.map(({ traceId = traceIdOf(1), body, atMs = 0, eventName, attributes = {} }) => ({
    timeUnixNano: toNs(atMs),
    severityNumber: 9,
    body: { stringValue: body },
    traceId,
    ...(eventName === undefined ? {} : { eventName }),
    attributes: toPairs(attributes),
  }));
  return { resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'Bot' }, logRecords }] }] };
}
