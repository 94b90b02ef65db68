import type { KindCode, Resource, Scope, SpanEvent, SpanLink, SpanRecord, StatusCode } from '../../domain/telemetry.ts';
import { WireReader } from './wire-reader.ts';
import { createAttributes, NO_RESOURCE, NO_SCOPE, readKeyValue, readResource, readScope } from './wire-values.ts';

type OpenSpan = { -readonly [Key in keyof SpanRecord]: SpanRecord[Key] };

/**
 * Reads an ExportTraceServiceRequest (trace.proto of OTLP 1.x, binary) straight into rows; ids and times are not checked here.
 * @throws OtlpDecodeError when the bytes are not such a message, ViewerError `too_large` when it brings too much
 */
export function parseTracesProtobuf(bytes: Buffer): SpanRecord[] {
  const spans: OpenSpan[] = [];
  const reader = new WireReader(bytes);
  reader.readMessage((field) => {
    if (field !== 1) return false;
    readResourceSpans(reader, spans);
    return true;
  });
  return spans;
}

// Resource and scope may come after what they describe: they are set when the group has been read.
function readResourceSpans(reader: WireReader, spans: OpenSpan[]): void {
  reader.budget.takeValues(1);
  const first = spans.length;
  let resource: Resource = NO_RESOURCE;
  reader.readNested((field) => {
    if (field === 1) resource = readResource(reader);
    else if (field === 2) readScopeSpans(reader, spans);
    else return false;
    return true;
  });
  for (let index = first; index < spans.length; index += 1) {
    const span = spans[index];
    if (span) span.resource = resource;
  }
}

function readScopeSpans(reader: WireReader, spans: OpenSpan[]): void {
  reader.budget.takeValues(1);
  const first = spans.length;
  let scope: Scope = NO_SCOPE;
  reader.readNested((field) => {
    if (field === 1) scope = readScope(reader);
    else if (field === 2) spans.push(readSpan(reader));
    else return false;
    return true;
  });
  for (let index = first; index < spans.length; index += 1) {
    const span = spans[index];
    if (span) span.scope = scope;
  }
}

function createSpan(): OpenSpan & { events: SpanEvent[]; links: SpanLink[] } {
  return {
    traceId: '',
    spanId: '',
    parentSpanId: '',
    traceState: '',
    name: '',
    kind: 0,
    startNs: 0n,
    endNs: 0n,
    status: 0,
    statusMessage: '',
    attributes: createAttributes(),
    events: [],
    links: [],
    resource: NO_RESOURCE,
    scope: NO_SCOPE,
  };
}

function readSpan(reader: WireReader): OpenSpan {
  reader.budget.takeItems(1);
  const span = createSpan();
  const attributes = createAttributes();
  span.attributes = attributes;
  reader.readNested((field) => {
    if (field === 9) readKeyValue(reader, attributes);
    else if (field === 11) span.events.push(readEvent(reader));
    else if (field === 13) span.links.push(readLink(reader));
    else if (field === 15) readStatus(reader, span);
    else return readSpanField(reader, span, field);
    return true;
  });
  return span;
}

function readSpanField(reader: WireReader, span: OpenSpan, field: number): boolean {
  switch (field) {
    case 1:
      span.traceId = reader.readHex();
      return true;
    case 2:
      span.spanId = reader.readHex();
      return true;
    case 3:
      span.traceState = reader.readString();
      return true;
    case 4:
      span.parentSpanId = reader.readHex();
      return true;
    case 5:
      span.name = reader.readString();
      return true;
    case 6:
      span.kind = toKind(reader.readSmall());
      return true;
    case 7:
      span.startNs = reader.readFixed64();
      return true;
    case 8:
      span.endNs = reader.readFixed64();
      return true;
    default:
      return false;
  }
}

function readStatus(reader: WireReader, span: OpenSpan): void {
  reader.budget.takeValues(1);
  reader.readNested((field) => {
    if (field === 2) span.statusMessage = reader.readString();
    else if (field === 3) span.status = toStatus(reader.readSmall());
    else return false;
    return true;
  });
}

function readEvent(reader: WireReader): SpanEvent {
  reader.budget.takeValues(1);
  let timeNs = 0n;
  let name = '';
  const attributes = createAttributes();
  reader.readNested((field) => {
    if (field === 1) timeNs = reader.readFixed64();
    else if (field === 2) name = reader.readString();
    else if (field === 3) readKeyValue(reader, attributes);
    else return false;
    return true;
  });
  return { timeNs, name, attributes };
}

function readLink(reader: WireReader): SpanLink {
  reader.budget.takeValues(1);
  let [traceId, spanId, traceState] = ['', '', ''];
  const attributes = createAttributes();
  reader.readNested((field) => {
    if (field === 1) traceId = reader.readHex();
    else if (field === 2) spanId = reader.readHex();
    else if (field === 3) traceState = reader.readString();
    else if (field === 4) readKeyValue(reader, attributes);
    else return false;
    return true;
  });
  return { traceId, spanId, traceState, attributes };
}

/** A kind that this version does not know counts as not given. */
export function toKind(kind: number): KindCode {
  return kind === 1 || kind === 2 || kind === 3 || kind === 4 || kind === 5 ? kind : 0;
}

/** A status code that this version does not know counts as not given. */
export function toStatus(status: number): StatusCode {
  return status === 1 || status === 2 ? status : 0;
}
