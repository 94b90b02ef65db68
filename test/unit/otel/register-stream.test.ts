import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';
import { Attr, SpanName, Stage } from '../../../otel/src/conventions/index.ts';
import { createCallspan } from '../../../otel/src/index.ts';
import { CallStreams } from '../../../otel/src/register/call-streams.ts';
import { createSightings } from '../../../otel/src/register/sightings.ts';
import { scopeSocket } from '../../../otel/src/register/socket-scope.ts';
import { type MediaStreamWatch, WatchedStream } from '../../../otel/src/register/watched-stream.ts';
import { WebhookPlaces } from '../../../otel/src/register/webhook-places.ts';
import { durationMs, type SpanRecorder, startSpanRecorder } from '../../helpers/recorded-spans.ts';

const { jest } = import.meta;
const CALL_SID = 'CA1';

let recorder: SpanRecorder;
beforeEach(() => {
  recorder = startSpanRecorder();
});
afterEach(() => recorder.close());

/** A process whose streams are watched; `streams` are told to have ended one after the other. */
function openProcess() {
  const callspan = createCallspan({ tracer: recorder.tracer });
  const endings = new EventEmitter();
  const streams = new CallStreams();
  const watch: MediaStreamWatch = {
    guard: (work) => work(),
    callspan,
    places: new WebhookPlaces(),
    streams,
    sightings: { ...createSightings({ notice() {} }), callEnded: () => void endings.emit('ended') },
    appCalls: { areTraced: false },
    mediaRate: 1,
  };
  return {
    callspan,
    streams,
    /** Resolves when the next call has ended. */
    ended: () => new Promise<void>((resolve) => endings.once('ended', resolve)),
    open(streamSid: string) {
      const states = { readyState: 1, OPEN: 1 };
      const deeds = { send() {}, ping() {}, close() {}, terminate() {} };
      const socket = Object.assign(new EventEmitter(), states, deeds) as unknown as WebSocket;
      const start = { callSid: CALL_SID, streamSid, accountSid: 'AC1' };
      new WatchedStream(watch, { socket, holder: {}, scope: scopeSocket(socket), start });
      return {
        socket,
        stream: streams.get(CALL_SID),
        stop: () => socket.emit('message', Buffer.from(`{"event":"stop","streamSid":"${streamSid}"}`), false),
      };
    },
  };
}

const callsSeen = () => recorder.spans().filter(({ name }) => name === SpanName.call);

test('a second stream of a call stays known when the first one has wrapped up', async () => {
  const { streams, open, ended } = openProcess();
  const first = open('MZ1');
  first.stop();
  const second = open('MZ2');
  expect(second.stream).not.toBe(first.stream);
  await ended();
  expect(streams.get(CALL_SID)).toBe(second.stream);
  expect(streams.all()).toEqual([second.stream]);
});

test('a process that ends ends every stream, also one that wraps up while a newer one of its call goes on', () => {
  const { streams, open } = openProcess();
  open('MZ1');
  open('MZ2');
  for (const stream of streams.all()) stream.shutdown();
  expect(callsSeen().map(({ attributes }) => attributes[Attr.streamSid])).toEqual(['MZ1', 'MZ2']);
  expect(streams.all()).toEqual([]);
});

test('a call that its caller has ended ends as it did when its process ends before its last work is done', async () => {
  const { callspan, streams, open } = openProcess();
  const { stop } = open('MZ1');
  const call = callspan.findCall(CALL_SID);
  if (!call) throw new Error('the call is not open');
  call.startSpan({ name: 'chat', stage: Stage.extraction, provider: 'any' });
  stop();
  // The bot hears of it first.
  await Promise.resolve();
  const laterMs = call.clock.now() + 5000;
  jest.spyOn(call.clock, 'now').mockReturnValue(laterMs);
  for (const stream of streams.all()) stream.shutdown();
  const seen = recorder.named(SpanName.call);
  expect(seen.attributes).toMatchObject({ [Attr.callEndReason]: 'caller_hangup', [Attr.callOutcome]: 'abandoned' });
  expect(durationMs(seen)).toBeLessThan(5000);
});
