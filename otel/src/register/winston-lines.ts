import { context, logs, SeverityNumber } from '@opentelemetry/api';
import { Attr } from '../conventions/index.ts';
import { processRedactor } from '../redaction/redactor.ts';
import { isTelemetryRunning } from '../sdk/start.ts';
import type { Guard } from './guard.ts';

/** A logger of winston 3, as far as it is watched. */
type WinstonLogger = {
  readonly silent?: boolean;
  write: (...parameters: unknown[]) => unknown;
  isLevelEnabled?(level: string): boolean;
};

const LEVEL = Symbol.for('level');
const SEVERITY: Readonly<Record<string, SeverityNumber>> = {
  fatal: SeverityNumber.FATAL,
  emerg: SeverityNumber.FATAL,
  alert: SeverityNumber.ERROR3,
  crit: SeverityNumber.ERROR2,
  error: SeverityNumber.ERROR,
  warn: SeverityNumber.WARN,
  warning: SeverityNumber.WARN,
  notice: SeverityNumber.INFO2,
  info: SeverityNumber.INFO,
  http: SeverityNumber.DEBUG4,
  verbose: SeverityNumber.DEBUG3,
  debug: SeverityNumber.DEBUG,
  silly: SeverityNumber.TRACE,
};
const NOT_ATTRIBUTES = new Set(['level', 'message', 'timestamp', 'trace_id', 'span_id', 'trace_flags']);

/**
 * Sends what a loaded winston 3 logs as OpenTelemetry log records too: the published instrumentation writes trace ids into
 * its lines, but its records reach nobody on SDK 3.
 */
export function watchWinston(moduleExports: unknown, guard: Guard): void {
  const { prototype } = moduleExports as { prototype: WinstonLogger };
  const { write } = prototype;
  prototype.write = function (this: WinstonLogger, ...parameters: unknown[]): unknown {
    guard(() => emitInfo(this, parameters[0]));
    return Reflect.apply(write, this, parameters);
  };
}

function emitInfo(logger: WinstonLogger, info: unknown): void {
  if (typeof info !== 'object' || info === null || logger.silent || !isTelemetryRunning()) return;
  const { message } = info as { message?: unknown };
  const level = (info as Record<symbol, unknown>)[LEVEL];
  if (typeof level !== 'string' || logger.isLevelEnabled?.(level) === false) return;
  const attributes: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(info)) {
    if (NOT_ATTRIBUTES.has(key)) continue;
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') attributes[key] = value;
  }
  const body = typeof message === 'string' ? message : String(message);
  logs.getLogger('winston').emit({
    context: context.active(),
    severityNumber: SEVERITY[level] ?? SeverityNumber.INFO,
    severityText: level,
    body: 'stack' in info ? wordsOfError(body) : body,
    attributes,
  });
}

/** winston adds the message of an error to that of the line. */
function wordsOfError(body: string): string {
  return String(processRedactor().attributes({ [Attr.exceptionMessage]: body })[Attr.exceptionMessage]);
}
