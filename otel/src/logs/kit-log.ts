import type { Attributes, Context } from '@opentelemetry/api';
import { SCOPE_NAME } from '../conventions/index.ts';
import { errorFacts } from '../error-type.ts';
import { warnQuietly } from '../quiet-warning.ts';
import { processRedactor } from '../redaction/redactor.ts';
import { callOf } from './log-line.ts';
import { type Logger, logIn } from './log-methods.ts';
import { SEVERITY } from './log-record.ts';
import { recordLogger } from './record-logger.ts';

/** A log record of the kit's own. */
export type KitRecord = {
  readonly event: string;
  readonly severity: 'info' | 'warn' | 'error';
  readonly body: string;
  readonly context: Context;
  readonly attributes?: Attributes;
};

/** Emits a record of the kit. Never throws. */
export type KitLog = (record: KitRecord) => void;

/** @param logger where the kit's lines go; without one they are OpenTelemetry log records only */
export function createKitLog(logger?: Logger): KitLog {
  const write = logger ? writeTo(logger) : emitRedacted;
  return (record) => {
    try {
      write(record);
    } catch (error) {
      warnQuietly('a line of the kit could not be logged', errorFacts(error).type);
    }
  };
}

function writeTo(logger: Logger): KitLog {
  return ({ event, severity, body, context, attributes }) =>
    logIn(logger, context, { level: severity, message: body, fields: { ...attributes, event } });
}

/** A record of nobody's logger passes the redactor here; the lines of a logger pass it there. */
function emitRedacted(record: KitRecord): void {
  if (!recordLogger(SCOPE_NAME)) return;
  const redactor = processRedactor();
  const attributes = redactor.attributes(record.attributes ?? {});
  emitRecord({ ...record, body: redactor.text(record.body), attributes });
}

/** Emits as an OpenTelemetry log record as it is, past every console: for bodies that are numbers only. */
export function emitRecord({ event, severity, body, context: where, attributes }: KitRecord): void {
  recordLogger(SCOPE_NAME)?.emit({
    context: where,
    eventName: event,
    severityNumber: SEVERITY[severity],
    severityText: severity,
    body,
    attributes: { ...attributes, ...callOf(where) },
  });
}
