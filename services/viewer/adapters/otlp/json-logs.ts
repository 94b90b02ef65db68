import type { Resource, Scope } from '../../domain/telemetry.ts';
import { type JsonObject, readItems, toAttributes, toInteger, toText, toValue } from './json-values.ts';
import type { RawLog } from './wire-logs.ts';

/**
 * Reads an ExportLogsServiceRequest as OTLP/JSON; ids are not checked here.
 * @throws OtlpDecodeError when the body is no such message
 */
export function parseLogsJson(bytes: Buffer): RawLog[] {
  return readItems(bytes, { groups: 'resourceLogs', scopes: 'scopeLogs', items: 'logRecords' }, toLog);
}

function toLog(log: JsonObject, resource: Resource, scope: Scope): RawLog {
  return {
    timeNs: toInteger(log.timeUnixNano, 'timeUnixNano'),
    observedNs: toInteger(log.observedTimeUnixNano, 'observedTimeUnixNano'),
    severity: Number(toInteger(log.severityNumber, 'severityNumber')),
    severityText: toText(log.severityText, 'severityText'),
    body: toValue(log.body),
    eventName: toText(log.eventName, 'eventName'),
    traceId: toText(log.traceId, 'traceId').toLowerCase(),
    spanId: toText(log.spanId, 'spanId').toLowerCase(),
    attributes: toAttributes(log.attributes),
    resource,
    scope,
  };
}
