import type { LogRecord, Resource, Scope } from '../../domain/telemetry.ts';
import { WireReader } from './wire-reader.ts';
import {
  createAttributes,
  NO_RESOURCE,
  NO_SCOPE,
  readAnyValue,
  readKeyValue,
  readResource,
  readScope,
} from './wire-values.ts';

/** A log record as it was sent: `observedNs` stands in for a time that was not given. */
export type RawLog = { -readonly [Key in keyof LogRecord]: LogRecord[Key] } & { observedNs: bigint };

/**
 * Reads an ExportLogsServiceRequest (logs.proto of OTLP 1.x, binary); ids are not checked here.
 * @throws OtlpDecodeError when the bytes are not such a message, ViewerError `too_large` when it brings too much
 */
export function parseLogsProtobuf(bytes: Buffer): RawLog[] {
  const logs: RawLog[] = [];
  const reader = new WireReader(bytes);
  reader.readMessage((field) => {
    if (field !== 1) return false;
    readResourceLogs(reader, logs);
    return true;
  });
  return logs;
}

function readResourceLogs(reader: WireReader, logs: RawLog[]): void {
  reader.budget.takeValues(1);
  const first = logs.length;
  let resource: Resource = NO_RESOURCE;
  reader.readNested((field) => {
    if (field === 1) resource = readResource(reader);
    else if (field === 2) readScopeLogs(reader, logs);
    else return false;
    return true;
  });
  for (const log of logs.slice(first)) log.resource = resource;
}

function readScopeLogs(reader: WireReader, logs: RawLog[]): void {
  reader.budget.takeValues(1);
  const first = logs.length;
  let scope: Scope = NO_SCOPE;
  reader.readNested((field) => {
    if (field === 1) scope = readScope(reader);
    else if (field === 2) logs.push(readLog(reader));
    else return false;
    return true;
  });
  for (const log of logs.slice(first)) log.scope = scope;
}

/** An empty record. */
export function createLog(): RawLog {
  return {
    timeNs: 0n,
    observedNs: 0n,
    severity: 0,
    severityText: '',
    body: null,
    eventName: '',
    traceId: '',
    spanId: '',
    attributes: createAttributes(),
    resource: NO_RESOURCE,
    scope: NO_SCOPE,
  };
}

function readLog(reader: WireReader): RawLog {
  reader.budget.takeItems(1);
  const log = createLog();
  const attributes = createAttributes();
  log.attributes = attributes;
  reader.readNested((field) => {
    if (field === 6) readKeyValue(reader, attributes);
    else return readLogField(reader, log, field);
    return true;
  });
  return log;
}

function readLogField(reader: WireReader, log: RawLog, field: number): boolean {
  switch (field) {
    case 1:
      log.timeNs = reader.readFixed64();
      return true;
    case 2:
      log.severity = reader.readSmall();
      return true;
    case 3:
      log.severityText = reader.readString();
      return true;
    case 5:
      log.body = readAnyValue(reader);
      return true;
    case 9:
      log.traceId = reader.readHex();
      return true;
    case 10:
      log.spanId = reader.readHex();
      return true;
    case 11:
      log.observedNs = reader.readFixed64();
      return true;
    case 12:
      log.eventName = reader.readString();
      return true;
    default:
      return false;
  }
}
