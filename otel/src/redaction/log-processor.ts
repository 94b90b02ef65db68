import { type Context, createContextKey } from '@opentelemetry/api';
import type { LogRecordProcessor, ReadWriteLogRecord } from '@opentelemetry/sdk-logs';
import { CONTENT_EVENTS, LogEvent } from '../conventions/index.ts';
import { redactInPlace } from './redact-in-place.ts';
import type { Redactor } from './redactor.ts';

const MASKED_KEY = createContextKey('callspan masked content');

/** `context` for a content record whose text has been masked already. */
export function withMaskedContent(context: Context): Context {
  return context.setValue(MASKED_KEY, true);
}

const OWN_EVENTS = new Set<string>(Object.values(LogEvent));

const nothing = async () => undefined;

/**
 * Takes secrets and personal data out of log records before any other processor sees them. Content that did not come
 * through a content recorder has not been masked: below capture `full` it is not kept.
 */
export function createRedactingLogProcessor(redactor: Redactor): LogRecordProcessor {
  return {
    onEmit(record: ReadWriteLogRecord, context?: Context) {
      const isMasked = context?.getValue(MASKED_KEY) === true;
      redactBody(record, redactor, isMasked && redactor.level !== 'off');
      const { eventName } = record;
      if (eventName && !OWN_EVENTS.has(eventName)) record.setEventName(redactor.text(eventName));
      // Not by setAttribute, which counts what it replaces against the limit.
      redactInPlace(record.attributes, redactor);
    },
    forceFlush: nothing,
    shutdown: nothing,
  };
}

function redactBody(record: ReadWriteLogRecord, redactor: Redactor, isMasked: boolean): void {
  const { body, eventName } = record;
  // Numbers of the media, many in a row.
  if (eventName === LogEvent.envelope || body === undefined || body === null) return;
  const isContent = eventName !== undefined && CONTENT_EVENTS.includes(eventName);
  if (isContent && redactor.level !== 'full') {
    if (!isMasked) record.setBody('<content>');
    return;
  }
  const safe = typeof body === 'string' ? redactor.text(body) : (redactor.fields(body) as typeof body);
  if (safe !== body) record.setBody(safe);
}
