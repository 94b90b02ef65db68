import { request as startRequest } from 'node:http';
import { deflateSync, gzipSync } from 'node:zlib';
import { ProtobufLogsSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import {
  createSdkLogs,
  createSdkSpans,
  type SampleSpan,
  spanIdOf,
  toLogsBody,
  toTracesBody,
  traceIdOf,
} from '../helpers/otlp-samples.ts';
import { startTestViewer, type TestViewer } from '../helpers/viewer.ts';

let viewer: TestViewer;
beforeAll(async () => {
  viewer = await startTestViewer();
});
afterAll(() => viewer.close());

const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';
const MAX = 16 * 1024 * 1024;

// One group whose second field is 15 MB of empty spans.
const MANY_SPANS = Buffer.alloc(15_000_000 + 10, Buffer.from([0x12, 0]));
MANY_SPANS.set([0x0a, 0x85, 0xc3, 0x93, 0x07, 0x12, 0x80, 0xc3, 0x93, 0x07]);

type Sent = { readonly path?: string; readonly type?: string; readonly encoding?: string; readonly method?: string };
async function send(
  body: Uint8Array | string,
  { path = '/v1/traces', type = JSON_TYPE, encoding, method = 'POST' }: Sent = {},
) {
  const response = await fetch(`${viewer.otlpUrl}${path}`, {
    method,
    headers: { 'content-type': type, ...(encoding && { 'content-encoding': encoding }) },
    ...(method === 'POST' ? { body: body as BodyInit } : {}),
  });
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    retryAfter: response.headers.get('retry-after'),
    body: Buffer.from(await response.arrayBuffer()),
  };
}
const spanNames = async (traceId: string) => {
  const { body } = await viewer.get<{ trace: { resourceSpans?: { scopeSpans: { spans: { name: string }[] }[] }[] } }>(
    `/tempo/api/v2/traces/${traceId}`,
  );
  return (body.trace.resourceSpans ?? []).flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)),
  );
};
let next = 100;
const freshSpan = (): SampleSpan & { traceId: string } => {
  next += 1;
  return { traceId: traceIdOf(next), spanId: spanIdOf(1), name: `span ${next}` };
};

test('the bytes of the SDK are taken, plain, gzip and deflate, and answered with an empty success of the same type', async () => {
  const spans = createSdkSpans();
  const bytes = ProtobufTraceSerializer.serializeRequest(spans) ?? new Uint8Array();
  for (const [body, encoding] of [
    [bytes, undefined],
    [gzipSync(bytes), 'gzip'],
    [deflateSync(bytes), 'deflate'],
  ] as const) {
    const answer = await send(body, { type: PROTOBUF, ...(encoding && { encoding }) });
    expect(answer).toMatchObject({ status: 200, type: PROTOBUF });
    expect(answer.body).toHaveLength(0);
  }
  expect(await spanNames(spans[0]!.spanContext().traceId)).toEqual(['POST /voice']);
  const logs = ProtobufLogsSerializer.serializeRequest(createSdkLogs()) ?? new Uint8Array();
  expect(await send(logs, { path: '/v1/logs', type: PROTOBUF })).toMatchObject({ status: 200 });
  expect(viewer.errors).toEqual([]);
});

test('of a request with spans that cannot be kept the others are, and the answer says how many and why', async () => {
  const good = freshSpan();
  const bad = { ...good, traceId: '0'.repeat(32) };
  const json = await send(JSON.stringify(toTracesBody([bad, good, { ...good, spanId: 'x' }])));
  expect(json.status).toBe(200);
  expect(JSON.parse(json.body.toString())).toEqual({
    partialSuccess: { rejectedSpans: '2', errorMessage: 'a trace id is not 16 bytes, or zero' },
  });
  expect(await spanNames(good.traceId)).toEqual([good.name]);
  const logs = await viewer.post('/v1/logs', toLogsBody([{ body: 'x', traceId: '00' }, { body: 'y' }]));
  expect(logs.body).toMatchObject({ partialSuccess: { rejectedLogRecords: '1' } });
});

test('a partial success in protobuf can be read by the SDK', async () => {
  const [span] = createSdkSpans();
  const context = { ...span!.spanContext(), traceId: '0'.repeat(32) };
  const broken = Object.create(span!, { spanContext: { value: () => context } });
  const answer = await send(ProtobufTraceSerializer.serializeRequest([broken]) ?? new Uint8Array(), { type: PROTOBUF });
  expect(ProtobufTraceSerializer.deserializeResponse(answer.body)).toEqual({
    partialSuccess: { rejectedSpans: 1, errorMessage: 'a trace id is not 16 bytes, or zero' },
  });
});

test.each([
  ['not JSON', '{"resourceSpans":', {}, 400],
  ['JSON of another shape', '{"resourceSpans":5}', {}, 400],
  ['not protobuf', Buffer.from('hello there, I am no protobuf'), { type: PROTOBUF }, 400],
  ['half a gzip', gzipSync(Buffer.alloc(5000, 'x')).subarray(0, 20), { encoding: 'gzip' }, 400],
  ['no gzip at all', 'plain', { encoding: 'gzip' }, 400],
  ['a gzip that inflates beyond the limit', gzipSync(Buffer.alloc(MAX + 1)), { encoding: 'gzip' }, 413],
  ['a small gzip of millions of spans', gzipSync(MANY_SPANS), { type: PROTOBUF, encoding: 'gzip' }, 413],
  ['a plain body beyond the limit', Buffer.alloc(MAX + 1), {}, 413],
  ['another content type', '{}', { type: 'text/plain' }, 415],
  ['another encoding', '{}', { encoding: 'br' }, 415],
  ['another method', '', { method: 'GET' }, 405],
  ['another path', '{}', { path: '/v1/profiles' }, 404],
] as [string, string | Uint8Array, Sent, number][])(
  '%s is refused with the reason in the shape of OTLP',
  async (_what, body, how, status) => {
    const answer = await send(body, how);
    expect(answer.status).toBe(status);
    if (how.type === PROTOBUF)
      expect(answer).toMatchObject({ type: PROTOBUF, body: expect.objectContaining({ 0: 8 }) });
    else
      expect(JSON.parse(answer.body.toString())).toEqual({
        code: expect.any(Number),
        message: expect.stringMatching(/\w/),
      });
  },
);

test('exactly the limit is still read', async () => {
  const body = JSON.stringify(toTracesBody([freshSpan()]));
  expect((await send(body.padEnd(MAX, ' '))).status).toBe(200);
  expect((await send(gzipSync(body.padEnd(MAX, ' ')), { encoding: 'gzip' })).status).toBe(200);
});

test('a body that grows beyond the limit without saying so is cut off', async () => {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const request = startRequest(`${viewer.otlpUrl}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': JSON_TYPE },
    });
    request.on('response', (response) => resolve(response.statusCode));
    request.on('error', reject);
    const chunk = Buffer.alloc(1024 * 1024, ' ');
    const push = (left: number) => {
      if (left > 0 && !request.destroyed) request.write(chunk, () => push(left - 1));
    };
    push(17);
  }).catch((error: NodeJS.ErrnoException) => error.code);
  expect([413, 'EPIPE', 'ECONNRESET']).toContain(status);
  expect((await send(JSON.stringify(toTracesBody([freshSpan()])))).status).toBe(200);
});

test('a page of another name that was pointed at this machine is refused', async () => {
  const status = await new Promise((resolve, reject) => {
    const request = startRequest(`${viewer.otlpUrl}/v1/traces`, {
      method: 'POST',
      headers: { host: 'evil.example', 'content-type': JSON_TYPE },
    });
    request.on('response', (response) => resolve(response.resume().statusCode));
    request.on('error', reject);
    request.end('{}');
  });
  expect(status).toBe(403);
});

test('an announced span must be open, and a finished one closed', async () => {
  const span = freshSpan();
  const announced = await send(
    JSON.stringify(
      toTracesBody([
        { ...span, endMs: null },
        { ...span, spanId: spanIdOf(2) },
      ]),
    ),
    {
      path: '/v1/pending',
    },
  );
  expect(JSON.parse(announced.body.toString())).toMatchObject({ partialSuccess: { rejectedSpans: '1' } });
  const finished = await send(JSON.stringify(toTracesBody([{ ...span, endMs: null }])));
  expect(JSON.parse(finished.body.toString())).toMatchObject({ partialSuccess: { rejectedSpans: '1' } });
  expect(await spanNames(span.traceId)).toEqual([]);
});

test('many requests at once are all stored before they are answered', async () => {
  const spans = Array.from({ length: 40 }, freshSpan);
  const answers = await Promise.all(spans.map((span) => send(JSON.stringify(toTracesBody([span])))));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  const names = await Promise.all(spans.map(({ traceId }) => spanNames(traceId)));
  expect(names).toEqual(spans.map(({ name }) => [name]));
});
