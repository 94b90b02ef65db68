import { type Attributes, type AttributeValue, type Context, type Logger, SeverityNumber } from '@opentelemetry/api';
import { Attr, SCOPE_NAME } from '../conventions/index.ts';
import { deferred } from '../deferred.ts';
import type { LineLevel } from './log-levels.ts';
import type { LogLine } from './log-line.ts';
import { recordLogger } from './record-logger.ts';

/** Severity numbers of OpenTelemetry's log data model by level. */
export const SEVERITY: Readonly<Record<LineLevel, SeverityNumber>> = {
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
};

type Emission = { readonly logger: Logger; readonly line: LogLine; readonly where: Context };

const emitLine = deferred<Emission>(emitNow);

/** Emits a line as an OpenTelemetry log record: body, attributes, event name, exception, and the context's ids. */
export function emitLogRecord(line: LogLine, where: Context): void {
  const logger = recordLogger(line.context || SCOPE_NAME);
  if (logger) emitLine({ logger, line, where });
}

function emitNow({ logger, line, where }: Emission): void {
  const { error, fields } = line;
  const attributes: Attributes = {};
  for (const key in fields) attributes[key] = attributeOf(fields[key]);
  Object.assign(attributes, line.call);
  if (error) attributes[Attr.exceptionType] = error.type;
  if (error?.message) attributes[Attr.exceptionMessage] = error.message;
  if (error?.stack) attributes[Attr.exceptionStacktrace] = error.stack;
  logger.emit({
    context: where,
    timestamp: line.timeMs,
    observedTimestamp: line.timeMs,
    severityNumber: SEVERITY[line.level],
    severityText: line.level,
    body: line.message,
    ...(line.event ? { eventName: line.event } : {}),
    attributes,
  });
}

/** Attributes are plain values; what is deeper goes as its JSON. */
function attributeOf(value: unknown): AttributeValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return JSON.stringify(value) ?? '';
}
