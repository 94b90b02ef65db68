import { type Attributes, type Context, context, diag, logs, SeverityNumber } from '@opentelemetry/api';
import { callRefOf } from '../call/call-context.ts';
import { Attr, SCOPE_NAME } from '../conventions/index.ts';
import { errorFacts } from '../error-type.ts';
import type { Logger } from './logger.ts';

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

const SEVERITY = { info: SeverityNumber.INFO, warn: SeverityNumber.WARN, error: SeverityNumber.ERROR } as const;

/** @param logger where the kit's lines go; without one they are OpenTelemetry log records only */
export function createKitLog(logger?: Logger): KitLog {
  const write = logger ? writeTo(logger) : emitRecord;
  return (record) => {
    try {
      write(record);
    } catch (error) {
      diag.warn('a line of the kit could not be logged', errorFacts(error).type);
    }
  };
}

function writeTo(logger: Logger): KitLog {
  return ({ event, severity, body, context: where, attributes }) =>
    context.with(where, () => logger[severity](body, { ...attributes, event }));
}

/** Emits as an OpenTelemetry log record, past every console. */
export function emitRecord({ event, severity, body, context: where, attributes }: KitRecord): void {
  const ref = callRefOf(where);
  logs.getLogger(SCOPE_NAME).emit({
    context: where,
    eventName: event,
    severityNumber: SEVERITY[severity],
    severityText: severity,
    body,
    attributes: {
      ...attributes,
      ...(ref ? { [Attr.conversationId]: ref.callSid } : {}),
      ...(ref?.turnIndex === undefined ? {} : { [Attr.turnIndex]: ref.turnIndex }),
    },
  });
}
