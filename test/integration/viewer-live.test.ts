import { Agent, request as startRequest } from 'node:http';
import { type EventReader, openEventStream } from '../helpers/event-stream.ts';
import { createFakeClock } from '../helpers/fake-clock.ts';
import { type SampleSpan, spanIdOf, T0_MS, toLogsBody, toTracesBody, traceIdOf } from '../helpers/otlp-samples.ts';
import { startTestViewer, type TestViewer } from '../helpers/viewer.ts';

let viewer: TestViewer;
let streams: EventReader[] = [];
beforeEach(async () => {
  viewer = await startTestViewer();
});
afterEach(async () => {
  for (const stream of streams) stream.close();
  streams = [];
  await viewer.close();
});

const listen = async (lastEventId?: number) => {
  const stream = await openEventStream(`${viewer.url}/api/v1/live`, lastEventId);
  streams.push(stream);
  return stream;
};
const sid = { 'gen_ai.conversation.id': 'CA1' };
const webhook: SampleSpan = { spanId: spanIdOf(1), name: 'POST /voice', kind: 2, attributes: sid };
const call: SampleSpan = {
  spanId: spanIdOf(2),
  parentSpanId: spanIdOf(1),
  name: 'voice.call',
  endMs: 5000,
  attributes: sid,
};
const announce = (span: SampleSpan) => viewer.post('/v1/pending', toTracesBody([{ ...span, endMs: null }]));
const isCall = (state: string) => (event: { event: string; data: Record<string, unknown> }) =>
  event.event === 'call' && event.data.state === state;

test('a call appears while it goes on: announced spans, log lines, its row, and its end', async () => {
  const stream = await listen();
  await announce(webhook);
  await announce(call);
  const [first] = await stream.readUntil(({ event }) => event === 'trace');
  expect(first?.data).toMatchObject({
    traceId: traceIdOf(1),
    callSid: 'CA1',
    spans: [{ name: 'POST /voice', durationMs: null }, { name: 'voice.call' }],
  });
  expect((await stream.readUntil(isCall('live'))).at(-1)?.data).toMatchObject({ callSid: 'CA1', durationMs: null });
  await viewer.post('/v1/logs', toLogsBody([{ body: 'call started', eventName: 'call.started' }]));
  const line = (await stream.readUntil(({ event }) => event === 'log')).at(-1);
  expect(line?.data).toMatchObject({
    traceId: traceIdOf(1),
    line: { body: 'call started', eventName: 'call.started', scope: 'Bot' },
  });
  await viewer.post('/v1/traces', toTracesBody([webhook, call]));
  const end = await stream.readUntil(isCall('ended'));
  expect(end.map(({ event }) => event)).toEqual(['trace', 'call']);
  expect(end[0]?.data).toMatchObject({ spans: [{ durationMs: 10 }, { durationMs: 5000 }] });
});

test('who comes back with the last id misses nothing and sees nothing twice', async () => {
  const first = await listen();
  await announce(webhook);
  const seen = await first.readUntil(isCall('live'));
  first.close();
  await viewer.post('/v1/traces', toTracesBody([webhook, call]));
  const second = await listen(seen.at(-1)?.id);
  const missed = await second.readUntil(isCall('ended'));
  expect(missed.map(({ event }) => event)).toEqual(['trace', 'call']);
  expect(missed[0]?.id).toBe((seen.at(-1)?.id ?? 0) + 1);
});

test('a stream that breaks before its first event is taken up where it began', async () => {
  const first = await fetch(`${viewer.url}/api/v1/live`);
  const reader = first.body?.pipeThrough(new TextDecoderStream()).getReader();
  const { value = '' } = (await reader?.read()) ?? {};
  await reader?.cancel();
  const [, id] = /^retry: 1000\nid: (\d+)\n\n$/.exec(value) ?? [];
  await announce(webhook);
  const second = await listen(Number(id));
  expect((await second.readUntil(isCall('live'))).map(({ event }) => event)).toEqual(['trace', 'call']);
});

test('who asks for the head of the stream gets it, and it ends', async () => {
  const response = await fetch(`${viewer.url}/api/v1/live`, { method: 'HEAD' });
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (const method of ['HEAD', 'HEAD']) {
    await new Promise<void>((resolve, reject) => {
      const request = startRequest(`${viewer.url}/api/v1/live`, { method, agent });
      request.on('response', (answer) => answer.resume().on('end', resolve));
      request.on('error', reject).end();
    });
  }
  agent.destroy();
});

test('who comes back after a restart of the viewer is told to fetch everything', async () => {
  const first = await listen();
  await announce(webhook);
  const seen = await first.readUntil(isCall('live'));
  first.close();
  await viewer.close();
  viewer = await startTestViewer({ now: () => Date.now() + 60_000 });
  const second = await listen(seen.at(-1)?.id);
  expect(await second.readUntil(() => true)).toMatchObject([{ event: 'resync' }]);
});

test('a quiet stream is kept alive by comments', async () => {
  await viewer.close();
  const clock = createFakeClock();
  viewer = await startTestViewer({ clock, now: () => T0_MS + clock.now() });
  const stream = await listen();
  await clock.advance(45_000);
  await announce(webhook);
  await clock.advance(100);
  await stream.readUntil(({ event }) => event === 'call');
  expect(stream.text().match(/^: still here$/gm)).toHaveLength(3);
});

test('a call whose end never comes is lost after 30 s, also for who is looking', async () => {
  await viewer.close();
  const clock = createFakeClock();
  viewer = await startTestViewer({ clock, now: () => T0_MS + clock.now() });
  const stream = await listen();
  await announce(call);
  await clock.advance(29_999);
  expect((await viewer.get('/api/v1/calls/CA1')).body).toMatchObject({ state: 'live' });
  await clock.advance(200);
  expect((await stream.readUntil(isCall('lost'))).at(-1)?.data).toMatchObject({ callSid: 'CA1' });
  expect((await viewer.get('/api/v1/calls/CA1')).body).toMatchObject({ state: 'lost' });
});

test('who does not read is cut off, and the others go on', async () => {
  const slow = await fetch(`${viewer.url}/api/v1/live`);
  const stream = await listen();
  const padding = 'x'.repeat(1_000_000);
  for (let number = 1; number <= 16; number += 1) {
    const span = { ...webhook, traceId: traceIdOf(number), attributes: { padding } };
    await viewer.post('/v1/traces', toTracesBody([span]));
    await stream.readUntil(({ event, data }) => event === 'trace' && data.traceId === span.traceId);
  }
  const cut = await slow.text().then(
    () => 'ended',
    () => 'broken',
  );
  expect(cut).toBe('broken');
});
