import { type Context, context as contextApi } from '@opentelemetry/api';
import type { LineLevel } from './log-levels.ts';

/** Fields of a log line; `event` becomes the record's event name, `error` its exception. */
export type LogFields = Readonly<Record<string, unknown>> & { readonly event?: string; readonly error?: unknown };

/**
 * Writes lines to the console, to the files of `LOG_DIR` and, as OpenTelemetry log records, to wherever the SDK sends
 * logs: each redacted, each one line, each with the ids of the active span and call. Never throws.
 */
export type Logger = {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
};

/** What a logger is given, and in which context. */
export type LineGiven = { readonly level: LineLevel; readonly message: unknown; readonly fields: unknown };
type Write = (given: LineGiven, where: Context) => void;

const writers = new WeakMap<Logger, Write>();

/** Makes a logger one that can be told the context of a line: making one active costs more than the line. */
export function takesContext(logger: Logger, write: Write): Logger {
  writers.set(logger, write);
  return logger;
}

/** Logs as `logger` does where `where` is active. */
export function logIn(
  logger: Logger,
  where: Context,
  line: LineGiven & { readonly message: string; readonly fields: LogFields },
): void {
  const write = writers.get(logger);
  if (write) write(line, where);
  else contextApi.with(where, () => logger[line.level](line.message, line.fields));
}
