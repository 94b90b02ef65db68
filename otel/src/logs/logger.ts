import { context, logs, SeverityNumber, trace } from '@opentelemetry/api';
import { type DestinationStream, multistream, pino } from 'pino';
import { build as prettyStream } from 'pino-pretty';
import { callRefOf } from '../call/call-context.ts';
import { Attr, SCOPE_NAME } from '../conventions/index.ts';
import { errorFacts } from '../error-type.ts';
import { readLogConfig } from '../sdk/config.ts';

/** Fields of a log line; `event` becomes the record's event name, `error` its exception. */
export type LogFields = Readonly<Record<string, unknown>> & { readonly event?: string; readonly error?: unknown };

/** Writes lines to stdout and, as OpenTelemetry log records, to wherever the SDK sends logs. Never throws. */
export type Logger = {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
};

const SEVERITY: Readonly<Record<number, SeverityNumber>> = {
  10: SeverityNumber.TRACE,
  20: SeverityNumber.DEBUG,
  30: SeverityNumber.INFO,
  40: SeverityNumber.WARN,
  50: SeverityNumber.ERROR,
  60: SeverityNumber.FATAL,
};

/**
 * A logger whose lines carry the trace ids of the active span. `context` ("Bootstrap") is the instrumentation scope
 * of its records. `destination` replaces stdout (tests).
 */
export function createLogger(options: { readonly context: string; readonly destination?: DestinationStream }): Logger {
  const { level, pretty, service } = readLogConfig();
  const stdout =
    options.destination ??
    (pretty
      ? prettyStream({ ignore: 'pid,hostname,service,context,trace_id,span_id,trace_flags', sync: true })
      : pino.destination(1));
  const streams = multistream([
    { level: 'trace', stream: stdout },
    { level: 'trace', stream: { write: (line: string) => emitRecord(line, options.context) } },
  ]);
  const log = pino(
    {
      level,
      base: { service, context: options.context },
      mixin: traceFields,
      serializers: { error: errorFacts },
    },
    streams,
  );
  return {
    debug: (message, fields = {}) => log.debug(fields, message),
    info: (message, fields = {}) => log.info(fields, message),
    warn: (message, fields = {}) => log.warn(fields, message),
    error: (message, fields = {}) => log.error(fields, message),
  };
}

function traceFields(): object {
  const active = context.active();
  const span = trace.getSpanContext(active);
  const ref = callRefOf(active);
  return {
    ...(span
      ? { trace_id: span.traceId, span_id: span.spanId, trace_flags: span.traceFlags.toString(16).padStart(2, '0') }
      : {}),
    ...(ref ? { [Attr.conversationId]: ref.callSid } : {}),
    ...(ref?.turnIndex === undefined ? {} : { [Attr.turnIndex]: ref.turnIndex }),
  };
}

const NOT_ATTRIBUTES = new Set([
  'level',
  'time',
  'msg',
  'event',
  'error',
  'service',
  'context',
  'trace_id',
  'span_id',
  'trace_flags',
]);

function emitRecord(line: string, scope: string): void {
  const record = JSON.parse(line) as Record<string, unknown> & {
    level: number;
    time: number;
    msg?: string;
    event?: string;
  };
  const failure = record.error as { type?: string; message?: string; stack?: string } | undefined;
  const attributes: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(record)) {
    if (NOT_ATTRIBUTES.has(key) || value === null || value === undefined) continue;
    attributes[key] = typeof value === 'object' ? JSON.stringify(value) : (value as string | number | boolean);
  }
  if (failure?.message) attributes[Attr.exceptionMessage] = failure.message;
  if (failure?.type) attributes[Attr.exceptionType] = failure.type;
  if (failure?.stack) attributes[Attr.exceptionStacktrace] = failure.stack;
  logs.getLogger(scope || SCOPE_NAME).emit({
    context: context.active(),
    timestamp: record.time,
    severityNumber: SEVERITY[record.level] ?? SeverityNumber.INFO,
    severityText: pino.levels.labels[record.level] ?? 'info',
    body: record.msg ?? '',
    ...(record.event ? { eventName: record.event } : {}),
    attributes,
  });
}
