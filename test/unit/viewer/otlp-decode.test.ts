import {
  JsonLogsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import fc from 'fast-check';
import { acceptLogs, acceptSpans } from '../../../services/viewer/adapters/otlp/accept.ts';
import { OtlpDecodeError } from '../../../services/viewer/adapters/otlp/decode-error.ts';
import { parseLogsJson } from '../../../services/viewer/adapters/otlp/json-logs.ts';
import { parseTracesJson } from '../../../services/viewer/adapters/otlp/json-traces.ts';
import { parseLogsProtobuf } from '../../../services/viewer/adapters/otlp/wire-logs.ts';
import { parseTracesProtobuf } from '../../../services/viewer/adapters/otlp/wire-traces.ts';
import { createSdkLogs, createSdkSpans } from '../../helpers/otlp-samples.ts';

const bytes = (data: Uint8Array | undefined) => Buffer.from(data ?? []);
const spans = createSdkSpans();
const logs = createSdkLogs();
const protobufSpans = bytes(ProtobufTraceSerializer.serializeRequest(spans));
const jsonSpans = bytes(JsonTraceSerializer.serializeRequest(spans));
const protobufLogs = bytes(ProtobufLogsSerializer.serializeRequest(logs));
const jsonLogs = bytes(JsonLogsSerializer.serializeRequest(logs));

test("the SDK's protobuf and JSON of the same spans are read as the same rows", () => {
  expect(parseTracesProtobuf(protobufSpans)).toEqual(parseTracesJson(jsonSpans));
  expect(parseLogsProtobuf(protobufLogs)).toEqual(parseLogsJson(jsonLogs));
});

test('every field of a span arrives, times to the nanosecond and integers exact', () => {
  const [root, plain] = parseTracesProtobuf(protobufSpans);
  expect(root).toMatchObject({
    traceId: spans[0]?.spanContext().traceId,
    spanId: spans[0]?.spanContext().spanId,
    parentSpanId: '',
    name: 'POST /voice',
    kind: 2,
    startNs: 1_795_246_035_171_353_123n,
    endNs: 1_795_246_036_999_999_999n,
    status: 2,
    statusMessage: 'gone',
    scope: { name: 'callspan', version: '0.1.0' },
    events: [{ name: 'gen_ai.first_chunk', timeNs: 1_795_246_035_200_000_001n, attributes: { index: 1n } }],
    links: [{ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), attributes: { why: 'rejected' } }],
  });
  expect({ ...root?.attributes }).toEqual({
    text: 'Où êtes-vous ?',
    integer: 1400n,
    long: BigInt(Number.MAX_SAFE_INTEGER),
    negative: -7n,
    fraction: 0.051,
    yes: true,
    no: false,
    empty: '',
    texts: ['stop', 'length'],
    numbers: [1n, 2.5],
  });
  expect(root?.resource.attributes['process.pid']).toBe(42n);
  expect(plain?.resource).toBe(root?.resource);
});

test('a log record keeps its event name, its severity and a body of any type', () => {
  const [warning, plain] = acceptLogs(parseLogsProtobuf(protobufLogs)).kept;
  expect(warning).toMatchObject({ severity: 13, severityText: 'warn', body: 'slow', eventName: 'stage.stuck' });
  expect(warning?.timeNs).toBe(1_795_246_035_171_353_123n);
  expect(plain?.body).toEqual({ said: ['a', 1n] });
  expect(plain?.timeNs).toBeGreaterThan(0n);
});

const decoders = [parseTracesProtobuf, parseLogsProtobuf, parseTracesJson, parseLogsJson];
const samples = [protobufSpans, protobufLogs, jsonSpans, jsonLogs];
const decodeOrRefuse = (decode: (input: Buffer) => unknown[], input: Buffer) => {
  try {
    expect(Array.isArray(decode(input))).toBe(true);
  } catch (error) {
    expect(error).toBeInstanceOf(OtlpDecodeError);
  }
};

test('random bytes are rows or a refusal, never a crash', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(3), (input, which) => {
      decodeOrRefuse(decoders[which]!, Buffer.from(input));
    }),
    { numRuns: 3000 },
  );
});

test('a request that is cut off or has changed bytes is rows or a refusal, never a crash', () => {
  const change = fc.record({ at: fc.nat(2000), to: fc.nat(255) });
  fc.assert(
    fc.property(fc.nat(3), fc.nat(4000), fc.array(change, { maxLength: 4 }), (which, length, changes) => {
      const damaged = Buffer.from(samples[which]!.subarray(0, length));
      for (const { at, to } of changes) if (at < damaged.length) damaged[at] = to;
      decodeOrRefuse(decoders[which]!, damaged);
    }),
    { numRuns: 3000 },
  );
});

test('a message that ends in the middle of a field is refused', () => {
  for (const length of [1, 2, 20, protobufSpans.length - 1]) {
    expect(() => parseTracesProtobuf(protobufSpans.subarray(0, length))).toThrow(OtlpDecodeError);
  }
});

test('values nested without end are refused before the stack ends', () => {
  const [open, close] = ['{"arrayValue":{"values":[', ']}}'];
  const value = `${open.repeat(100_000)}{"stringValue":"deep"}${close.repeat(100_000)}`;
  const span = `{"spans":[{"attributes":[{"key":"deep","value":${value}}]}]}`;
  const body = Buffer.from(`{"resourceSpans":[{"scopeSpans":[${span}]}]}`);
  expect(() => parseTracesJson(body)).toThrow(/nested/);
  expect(() => parseTracesProtobuf(nestProtobuf(2000))).toThrow(/nested/);
});

// resource_spans > resource > attribute > value > array > array ...
function nestProtobuf(depth: number): Buffer {
  let value: Buffer = wrapProtobuf(1, Buffer.from('deep'));
  for (let level = 0; level < depth; level += 1) value = wrapProtobuf(5, wrapProtobuf(1, value));
  return [2, 1, 1, 1].reduce((inner, field) => wrapProtobuf(field, inner), value);
}

function wrapProtobuf(field: number, inner: Buffer): Buffer {
  const length = [];
  let rest = inner.length;
  for (; rest > 127; rest >>= 7) length.push((rest & 127) | 128);
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...length, rest]), inner]);
}

test('only spans that can be kept are kept, and the first reason is told', () => {
  const [root] = parseTracesProtobuf(protobufSpans);
  const faulty = [
    { ...root!, traceId: '0'.repeat(32) },
    { ...root!, traceId: 'abc' },
    { ...root!, spanId: '0'.repeat(16) },
    { ...root!, parentSpanId: 'abc' },
    { ...root!, startNs: 0n },
    { ...root!, endNs: 0n },
    { ...root!, endNs: root!.startNs - 1n },
  ];
  const { kept, rejected, reason } = acceptSpans([root!, ...faulty], { open: false });
  expect(kept).toEqual([root]);
  expect(rejected).toBe(faulty.length);
  expect(reason).toMatch(/trace id/);
});

test('an announced span has no end, and zeros for a parent mean a root', () => {
  const [root] = parseTracesProtobuf(protobufSpans);
  const open = { ...root!, endNs: 0n, parentSpanId: '0'.repeat(16) };
  expect(acceptSpans([open], { open: true }).kept).toEqual([{ ...open, parentSpanId: '' }]);
  expect(acceptSpans([root!], { open: true }).rejected).toBe(1);
});

test('a request with more spans, records or values than one may bring is refused before it is read to its end', () => {
  const tooLarge = expect.objectContaining({ code: 'too_large' });
  const spansOf = (count: number) => wrapProtobuf(1, wrapProtobuf(2, Buffer.alloc(count * 2, Buffer.from([0x12, 0]))));
  expect(parseTracesProtobuf(spansOf(100_000))).toHaveLength(100_000);
  expect(() => parseTracesProtobuf(spansOf(100_001))).toThrow(tooLarge);
  expect(() => parseLogsProtobuf(spansOf(100_001))).toThrow(tooLarge);
  const groups = Buffer.alloc(2_000_002, Buffer.from([0x0a, 0]));
  expect(() => parseTracesProtobuf(groups)).toThrow(tooLarge);
  const toJson = (group: string, key: string, count: number) =>
    Buffer.from(`{"${group}":[{"scopeSpans":[{"${key}":[${Array(count).fill('{}').join()}]}]}]}`);
  expect(parseTracesJson(toJson('resourceSpans', 'spans', 100_000))).toHaveLength(100_000);
  expect(() => parseTracesJson(toJson('resourceSpans', 'spans', 100_001))).toThrow(tooLarge);
  expect(() => parseLogsJson(toJson('resourceLogs', 'attributes', 1_000_001))).toThrow(tooLarge);
  for (const part of ['[', '{},', '1,']) {
    expect(() => parseLogsJson(Buffer.alloc(8_000_000, part))).toThrow(tooLarge);
  }
});

test('of a span with more events, links or attributes than are kept the first 128 stay', () => {
  const [root] = parseTracesProtobuf(protobufSpans);
  const many = <Item>(item: Item) => Array.from({ length: 200 }, () => item);
  const attributes = Object.fromEntries(many('x').map((value, index) => [`key${index}`, value]));
  const event = { name: 'e', timeNs: 5n, attributes };
  const link = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceState: '', attributes };
  const [kept] = acceptSpans([{ ...root!, attributes, events: many(event), links: many(link) }], { open: false }).kept;
  expect([kept?.events.length, kept?.links.length]).toEqual([128, 128]);
  for (const one of [kept, kept?.events[0], kept?.links[0]]) {
    expect(Object.keys(one?.attributes ?? {}).at(-1)).toBe('key127');
  }
  const [log] = parseLogsProtobuf(protobufLogs);
  expect(Object.keys(acceptLogs([{ ...log!, attributes }]).kept[0]?.attributes ?? {})).toHaveLength(128);
});

test('times that the store could not read again are refused, and events at such times dropped', () => {
  const latestNs = BigInt(Number.MAX_SAFE_INTEGER) * 1000n;
  const [root] = parseTracesProtobuf(protobufSpans);
  const [log] = parseLogsProtobuf(protobufLogs);
  const at = (ns: bigint) => acceptSpans([{ ...root!, startNs: ns, endNs: ns }], { open: false }).rejected;
  expect([at(latestNs), at(latestNs + 1n)]).toEqual([0, 1]);
  const logAt = (timeNs: bigint) => acceptLogs([{ ...log!, timeNs }]).rejected;
  expect([logAt(latestNs), logAt(latestNs + 1n)]).toEqual([0, 1]);
  const events = [-5n, latestNs, latestNs + 1n].map((timeNs) => ({ name: 'e', timeNs, attributes: {} }));
  expect(acceptSpans([{ ...root!, events }], { open: false }).kept[0]?.events).toEqual([events[1]]);
});
