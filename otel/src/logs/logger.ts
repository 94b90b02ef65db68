import { createRequire } from 'node:module';
import { type Context, context as contextApi } from '@opentelemetry/api';
import type { DestinationStream } from 'pino';

import { type Redactor, renewProcessRedactor } from '../redaction/redactor.ts';
import { isLogged, type LineLevel } from './log-levels.ts';
import { createLogLine, type LogLine } from './log-line.ts';
import { type LineGiven, type LogFields, type Logger, takesContext } from './log-methods.ts';
import { emitLogRecord } from './log-record.ts';
import { type LogOutputs, processOutputs } from './outputs.ts';
import { showJson } from './plain-text.ts';

/** How a logger is made. */
export type LoggerOptions = {
  /** What logs ("Bootstrap"): the component of `LOG_LEVEL`, and the instrumentation scope of its records. */
  readonly context?: string;
  /** Gets every line as JSON instead of console and files (tests). */
  readonly destination?: DestinationStream;
  /** Instead of the process's own (tests). */
  readonly redactor?: Redactor;
};

// Only a process that logs by this logger needs pino: the preload alone does not load it.
const load = createRequire(import.meta.url);

/** A line that is still longer after its values were bounded is written without its fields. */
const MAX_LINE_LENGTH = 64 * 1024;

/**
 * A logger of this process. Where its lines go, and from which level, says the environment: `LOG_LEVEL`, `LOG_CONSOLE`,
 * `LOG_FORMAT`, `LOG_DIR`, `OTEL_LOGS_EXPORTER`.
 * @throws TypeError for a variable with a value that it cannot have
 */
export function createLogger(options: LoggerOptions = {}): Logger {
  const { destination } = options;
  const outputs = processOutputs();
  const threshold = outputs.config.levelOf(options.context ?? '');
  const redactor = options.redactor ?? renewProcessRedactor();
  const context = options.context && redactor.text(options.context);
  const write = destination ? writeTo(destination) : outputs.write;
  const render = createRenderer(outputs, context);
  const from = { redactor, ...(context === undefined ? {} : { context }) };
  const writeLine = (given: LineGiven, where: Context) => {
    if (!isLogged(given.level, threshold)) return;
    try {
      const line = createLogLine(given, where, from);
      write(line, render(line));
      emitLogRecord(line, where);
    } catch {
      // Whoever logs is in the middle of a call: a line that cannot be written is not worth its end.
    }
  };
  const log = (level: LineLevel) => (message: string, fields?: LogFields) =>
    writeLine({ level, message, fields }, contextApi.active());
  const logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
  return takesContext(logger, writeLine);
}

function writeTo(destination: DestinationStream): LogOutputs['write'] {
  return (_line, json) => destination.write(json);
}

/** pino makes the JSON: its numbers for levels, its names for time and message. */
function createRenderer({ config }: LogOutputs, context: string | undefined): (line: LogLine) => string {
  const { pino } = load('pino') as typeof import('pino');
  let rendered = '';
  const stream = {
    write(json: string) {
      rendered = json;
    },
  };
  const base = { service: config.service, ...(context ? { context } : {}) };
  // Handed over whole, fields of a certain form (method, headers and socket) would be a request to pino, not a line.
  const formatters = { log: ({ line }: Record<string, unknown>) => line as Record<string, unknown> };
  const log = pino({ level: 'debug', base, timestamp: false, formatters }, stream);
  return (line) => {
    const { level, message } = line;
    log[level]({ line: Object.assign(ownFieldsOf(line), line.fields) }, message);
    if (rendered.length > MAX_LINE_LENGTH) {
      log[level]({ line: Object.assign(ownFieldsOf(line), { cut_characters: rendered.length }) }, message);
    }
    return showJson(rendered);
  };
}

function ownFieldsOf({ timeMs, event, error, call, span }: LogLine): Record<string, unknown> {
  const own: Record<string, unknown> = { time: timeMs };
  if (event) own.event = event;
  Object.assign(own, call, span);
  if (error) own.error = error;
  return own;
}
