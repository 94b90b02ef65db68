import { once } from 'node:events';
import { connect } from 'node:net';
import { WebSocket } from 'ws';
import { startTestBot, type TestBot } from '../helpers/test-bot.ts';
import {
  issueToken,
  mediaMessage,
  newCallSid,
  openStream,
  postForm,
  sign,
  startMessage,
  type TestStream,
  voiceForm,
} from '../helpers/twilio-signed.ts';

let running: TestBot;
beforeAll(async () => {
  running = await startTestBot();
});
afterAll(() => running.close());

const named = (name: string) => running.recorder.spans().filter((span) => span.name === name);
const rejections = () => named('voice.call.rejected').map((span) => span.attributes['voice.reject.reason']);

/** A stream whose call the bot has accepted: it has begun to speak. */
async function startStream(callSid = newCallSid()): Promise<TestStream & { callSid: string }> {
  const stream = await openStream(running.bot.url);
  const speaking = new Promise<void>((resolve) => stream.socket.once('message', () => resolve()));
  stream.send(startMessage(stream.streamSid, callSid, issueToken(callSid)));
  await speaking;
  return { ...stream, callSid };
}

/** Resolves when the trace of a call has ended. */
async function callEnded(callSid: string) {
  for (;;) {
    const span = named('voice.call').find((candidate) => candidate.attributes['twilio.call.sid'] === callSid);
    if (span) return span;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('an upgrade without signature, with a query or on another path is refused before a socket exists', async () => {
  const base = running.bot.url.replace('http', 'ws');
  const attempts = [
    new WebSocket(`${base}/media`),
    new WebSocket(`${base}/media?token=1`, { headers: { 'x-twilio-signature': sign(`${base}/media?token=1`) } }),
    new WebSocket(`${base}/other`, { headers: { 'x-twilio-signature': sign(`${base}/other`) } }),
  ];
  const answers = await Promise.all(
    attempts.map(
      (socket) =>
        new Promise((resolve) =>
          socket
            .on('unexpected-response', (_request, response) => resolve(response.statusCode))
            .on('error', () => undefined),
        ),
    ),
  );
  expect(answers).toEqual([403, 404, 404]);
});

test('a connection that is reset while its upgrade is refused hurts nobody', async () => {
  const { hostname, port } = new URL(running.bot.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write('GET /nope HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  await once(socket, 'data');
  socket.resetAndDestroy();
  const stream = await startStream();
  expect(stream.socket.readyState).toBe(WebSocket.OPEN);
  stream.socket.close();
  await callEnded(stream.callSid);
});

test.each([
  ['missing', () => undefined, 'token_missing'],
  ['forged', () => 'e30.AAAA', 'token_forged'],
  ['expired', (callSid: string) => issueToken(callSid, () => Date.now() - 61_000), 'token_expired'],
  ["another call's", () => issueToken(newCallSid()), 'token_wrong_call'],
])(
  'a stream whose token is %s is closed with the reason and leaves a rejected span',
  async (_what, makeToken, reason) => {
    const stream = await openStream(running.bot.url);
    const callSid = newCallSid();
    stream.send(startMessage(stream.streamSid, callSid, makeToken(callSid)));
    expect(await stream.closed).toEqual({ code: 1008, reason });
    expect(rejections()).toContain(reason);
  },
);

test('a token used twice is refused the second time, and the first stream goes on', async () => {
  const callSid = newCallSid();
  const token = issueToken(callSid);
  const first = await openStream(running.bot.url);
  const speaking = new Promise<void>((resolve) => first.socket.once('message', () => resolve()));
  first.send(startMessage(first.streamSid, callSid, token));
  await speaking;
  const second = await openStream(running.bot.url);
  second.send(startMessage(second.streamSid, callSid, token));
  expect(await second.closed).toEqual({ code: 1008, reason: 'token_used' });
  expect(first.socket.readyState).toBe(WebSocket.OPEN);
  first.send({ event: 'stop', streamSid: first.streamSid, stop: {} });
  await first.closed;
  await callEnded(callSid);
});

test('audio that is not telephone audio is refused and leaves a rejected span', async () => {
  const stream = await openStream(running.bot.url);
  const callSid = newCallSid();
  const mediaFormat = { encoding: 'audio/x-l16', sampleRate: 16_000, channels: 1 };
  stream.send(startMessage(stream.streamSid, callSid, issueToken(callSid), { mediaFormat }));
  expect(await stream.closed).toEqual({ code: 1008, reason: 'media_format' });
  expect(rejections()).toContain('media_format');
});

test('frames that make no sense are counted, and the call goes on', async () => {
  const stream = await startStream();
  const bad = ['not json', '[]', 'null', '{"event":"surprise"}', '{"event":"media","streamSid":"MZother","media":{}}'];
  for (const message of bad) stream.send(message);
  stream.send(mediaMessage('MZ-somebody-else', 0));
  // A stream of both tracks has these: no frame of the caller, and none that makes no sense.
  stream.send({
    ...mediaMessage(stream.streamSid, 0),
    media: { track: 'outbound', chunk: '1', timestamp: '0', payload: 'AAAA' },
  });
  stream.send(mediaMessage(stream.streamSid, 1, '%%%'));
  stream.send(startMessage(stream.streamSid, stream.callSid, issueToken(stream.callSid)));
  for (let index = 0; index < 5; index += 1) stream.send(mediaMessage(stream.streamSid, index + 2));
  stream.send({ event: 'stop', streamSid: stream.streamSid, stop: {} });
  expect((await stream.closed).code).toBe(1000);
  const span = await callEnded(stream.callSid);
  expect(span.attributes).toMatchObject({
    'voice.media.bad_frames': 8,
    'voice.media.frames_in': 5,
    'voice.call.end_reason': 'caller_hangup',
  });
});

test('media before the start event is answered with patience', async () => {
  const stream = await openStream(running.bot.url);
  const callSid = newCallSid();
  stream.send(mediaMessage(stream.streamSid, 0));
  const speaking = new Promise<void>((resolve) => stream.socket.once('message', () => resolve()));
  stream.send(startMessage(stream.streamSid, callSid, issueToken(callSid)));
  await speaking;
  stream.socket.close(1000);
  expect((await callEnded(callSid)).attributes['voice.media.frames_in']).toBe(0);
});

test.each([
  ['a binary frame', (stream: TestStream) => stream.socket.send(Buffer.from([1, 2, 3])), 1003],
  ['a frame of more than 64 KiB', (stream: TestStream) => stream.socket.send('x'.repeat(70_000)), 1009],
  [
    'too many bad frames',
    (stream: TestStream) => {
      for (let index = 0; index < 30; index += 1) stream.send('nonsense');
    },
    1008,
  ],
])('%s closes that stream only, and its call ends cleanly', async (_what, spoil, code) => {
  const other = await startStream();
  const stream = await startStream();
  spoil(stream);
  expect((await stream.closed).code).toBe(code);
  expect((await callEnded(stream.callSid)).attributes['voice.call.end_reason']).toBe('stream_error');
  expect(other.socket.readyState).toBe(WebSocket.OPEN);
  other.socket.close();
  await callEnded(other.callSid);
});

test('a call that is announced again after its end is hung up, not answered anew', async () => {
  const stream = await startStream();
  stream.send({ event: 'stop', streamSid: stream.streamSid, stop: {} });
  await callEnded(stream.callSid);
  while (running.bot.calls.size > 0) await new Promise((resolve) => setImmediate(resolve));
  const answer = await postForm(`${running.bot.url}/voice`, voiceForm(stream.callSid));
  expect(await answer.text()).toContain('<Response><Hangup/></Response>');
});

test('a caller who hangs up at once leaves one whole trace and nothing open', async () => {
  const stream = await startStream();
  stream.socket.terminate();
  const span = await callEnded(stream.callSid);
  const traceId = span.spanContext().traceId;
  const spans = running.recorder.spans().filter((candidate) => candidate.spanContext().traceId === traceId);
  const ids = new Set(spans.map((candidate) => candidate.spanContext().spanId));
  expect(spans.every((candidate) => !candidate.parentSpanContext || ids.has(candidate.parentSpanContext.spanId))).toBe(
    true,
  );
  expect(spans.map((candidate) => candidate.name)).toEqual(
    expect.arrayContaining(['voice.call', 'voice.setup', 'voice.turn']),
  );
  expect(running.bot.calls.size).toBe(0);
});
