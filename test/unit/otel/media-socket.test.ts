import { type EventEmitter, once } from 'node:events';
import fc from 'fast-check';
import { tapMediaStream } from '../../../otel/src/index.ts';
import { openTappedCall, type TappedCall } from '../../helpers/media-call.ts';
import { mediaText, WebSocketServer7 } from '../../helpers/media-phone.ts';
import { createAudio } from '../../helpers/media-stage.ts';
import { durationMs } from '../../helpers/recorded-spans.ts';

let line: TappedCall;
beforeEach(async () => {
  line = await openTappedCall();
});
afterEach(() => line.close());

test('the bot hears every message but the echoes of the kit’s marks, in order', async () => {
  await line.answerCaller();
  line.phone.bot.send(JSON.stringify({ event: 'mark', streamSid: 'MZ1', mark: { name: 'callspan-of-the-bot' } }));
  line.phone.mark('callspan:1');
  line.phone.mark('callspan-of-the-bot');
  line.phone.mark('callspan:99');
  line.phone.mark('callspan:1');
  line.phone.send('dtmf', { dtmf: { digit: '1' } });
  line.phone.raw('no json "mark"');
  line.phone.raw(Buffer.from([1, 2, 3]));
  line.phone.send('stop', { stop: {} });
  await line.phone.settle();
  expect(line.heard.slice(-6).map((text) => /"event":"(\w+)"/.exec(text)?.[1] ?? text)).toEqual([
    'mark',
    'mark',
    'dtmf',
    'no json "mark"',
    '\u0001\u0002\u0003',
    'stop',
  ]);
  expect(line.heard.filter((text) => text.includes('callspan:'))).toHaveLength(1);
  expect(line.tap.ledger.badMessages).toBe(2);
});

test('the bytes that the bot sends arrive unchanged in order, with its own marks between the same bytes', async () => {
  const pieces = fc.array(
    fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 900 }).map((bytes) => ({ audio: Buffer.from(bytes) })),
      fc.nat(5).map((name) => ({ mark: `m${name}` })),
    ),
    { maxLength: 12 },
  );
  let index = 1;
  await fc.assert(
    fc.asyncProperty(pieces, async (sent) => {
      index += 1;
      const turn = line.call.startTurn(index);
      const from = line.phone.received.length;
      let called = 0;
      for (const piece of sent) {
        const text =
          'audio' in piece
            ? mediaText(piece.audio)
            : JSON.stringify({ event: 'mark', streamSid: 'MZ1', mark: { name: piece.mark } });
        expect(
          line.phone.bot.send(text, () => {
            called += 1;
          }),
        ).toBeUndefined();
      }
      line.phone.bot.send('{"event":"over"}');
      while (!line.phone.received.includes('{"event":"over"}', from))
        await line.phone.got(line.phone.received.length + 1);
      turn.end('completed');
      expect(called).toBe(sent.length);
      const flat = (messages: readonly string[]) =>
        messages
          .map((text) => JSON.parse(text) as { media?: { payload: string }; mark?: { name: string } })
          .filter(({ mark }) => !mark?.name.startsWith('callspan:'))
          .map(({ media, mark }) =>
            media ? Buffer.from(media.payload, 'base64').toString('hex') : mark ? `<${mark.name}>` : '',
          )
          .join('');
      const expected = sent
        .map((piece) => ('audio' in piece ? piece.audio.toString('hex') : `<${piece.mark}>`))
        .join('');
      expect(flat(line.phone.received.slice(from, -1))).toBe(expected);
    }),
    { numRuns: 60 },
  );
});

test('a reply is split behind its first audible frame, and only there', async () => {
  await line.answerCaller(createAudio(1000, 50));
  line.phone.bot.send(mediaText(createAudio(500)));
  await line.phone.got(4);
  expect(line.phone.messages().map(({ event, mark }) => mark?.name ?? event)).toEqual([
    'media',
    'callspan:1',
    'media',
    'media',
  ]);
  const [first] = line.phone.received;
  const { media } = JSON.parse(first ?? '') as { media: { payload: string } };
  // 50 ms of silence: the first audible frame is the third.
  expect(Buffer.from(media.payload, 'base64')).toHaveLength(480);
});

test('what is no message of a stream passes the wrapped send as it is', async () => {
  line.phone.bot.send('not json');
  line.phone.bot.send(Buffer.from('{"event":"media"}'));
  line.phone.bot.send('{"event":"media","media":{"payload":""}}');
  await line.phone.got(3);
  expect(line.phone.received).toEqual(['not json', '{"event":"media"}', '{"event":"media","media":{"payload":""}}']);
});

test('a message given as bytes that are said to be text is seen, and arrives as text with the kit’s mark behind it', async () => {
  await line.answerCaller(createAudio(1000, 50));
  const before = line.tap.ledger;
  const bytes = (text: string) => new Uint8Array(Buffer.from(`  ${text}`)).subarray(2);
  let told = 0;
  line.phone.bot.send(bytes(JSON.stringify({ event: 'clear', streamSid: 'MZ1' })), { binary: false }, () => {
    told += 1;
  });
  line.phone.bot.send(Buffer.from(mediaText(createAudio(200))), { binary: false });
  line.phone.bot.send(Uint8Array.from(Buffer.from(mediaText(createAudio(500)))).buffer, { binary: false });
  line.phone.bot.send(Buffer.from(mediaText(createAudio(100))), { binary: true });
  await line.phone.got(8);
  expect(line.phone.messages().map(({ event, mark }) => mark?.name ?? event)).toEqual([
    ...['media', 'callspan:1', 'media'],
    ...['clear', 'callspan:2', 'media', 'media', 'media'],
  ]);
  expect(told).toBe(1);
  expect(line.tap.ledger.audioSentMs - before.audioSentMs).toBe(700);
});

test('a tap that is taken off leaves the socket as it was', async () => {
  // The first proves that the tap's ping has arrived, the second that its pong has.
  await line.phone.settle();
  await line.phone.settle();
  const { listenerCount } = line.phone.bot;
  const count = () => ['message', 'close'].map((event) => listenerCount.call(line.phone.bot, event));
  const [messages = 0, closes = 0] = count();
  expect(Object.hasOwn(line.phone.bot, 'send') && Object.hasOwn(line.phone.bot, 'emit')).toBe(true);
  line.tap.close();
  expect(Object.hasOwn(line.phone.bot, 'send') || Object.hasOwn(line.phone.bot, 'emit')).toBe(false);
  expect(count()).toEqual([messages, closes - 1]);
});

test('an echo that is still on its way when the tap is taken off does not reach the bot', async () => {
  await line.answerCaller();
  line.tap.close();
  line.phone.mark('callspan:1');
  line.phone.mark('mine');
  await line.phone.settle();
  await line.phone.settle();
  expect(line.marksHeard()).toEqual(['mine']);
  expect(Object.hasOwn(line.phone.bot, 'emit')).toBe(false);
});

test('the way to the line and back is known from a ping that the bot never hears of', async () => {
  const pongs: string[] = [];
  line.phone.bot.on('pong', (data) => pongs.push(String(data)));
  line.phone.bot.ping('of the bot');
  while (pongs.length === 0) await once(line.phone.bot, 'pong');
  expect(pongs).toEqual(['of the bot']);
  expect(line.tap.ledger.roundTripMs).toBeGreaterThan(0);
});

test('a bot on ws 7, which gives a message as one argument, is measured like any other and hears what it would', async () => {
  const old = await openTappedCall({}, WebSocketServer7);
  const given: unknown[][] = [];
  old.phone.bot.on('message', (...values: unknown[]) => given.push(values));
  await old.answerCaller();
  old.phone.hear(200, false);
  old.phone.mark('callspan:1');
  old.phone.mark('mine');
  old.phone.hear(40, false);
  await old.phone.settle();
  expect(durationMs(old.recorder.named('voice.response_gap'))).toBeCloseTo(590, 3);
  expect(old.tap.ledger).toMatchObject({ framesIn: 92, badMessages: 0 });
  expect(old.marksHeard()).toEqual(['mine']);
  expect(given).toHaveLength(93);
  expect(given.filter(([data, ...more]) => typeof data !== 'string' || more.length > 0)).toEqual([]);
  await old.close();
});

test('an event named message that holds none reaches the listeners as it was, and is no failure', () => {
  const given: unknown[][] = [];
  line.phone.bot.on('message', (...values: unknown[]) => given.push(values));
  const emitter: EventEmitter = line.phone.bot;
  emitter.emit('message');
  emitter.emit('message', { of: 'the bot' }, 1, 2, 3);
  expect(given).toEqual([[], [{ of: 'the bot' }, 1, 2, 3]]);
  expect(line.callspan.tools.problems.count('media_tap_failed')).toBe(0);
  expect(line.tap.ledger.badMessages).toBe(0);
});

test('without the kit’s own marks nothing is added to what the bot sends', async () => {
  const bare = await openTappedCall({ probeMarks: false });
  await bare.answerCaller(createAudio(500));
  bare.phone.bot.send(JSON.stringify({ event: 'clear', streamSid: 'MZ1' }));
  await bare.phone.got(2);
  expect(bare.phone.messages().map(({ event }) => event)).toEqual(['media', 'clear']);
  await bare.close();
});

test('a detector that throws costs its figures, never the call', async () => {
  const createVoiceActivity = () => ({
    isSpeech(): boolean {
      throw new Error('broken');
    },
  });
  const broken = await openTappedCall({ createVoiceActivity });
  await broken.answerCaller(createAudio(20));
  expect(broken.heard).toHaveLength(80);
  expect(broken.callspan.tools.problems.count('media_tap_failed')).toBe(80);
  expect(broken.phone.messages()[0]?.event).toBe('media');
  await broken.close();
});

test.each<[string, () => never]>([
  [
    'throws',
    () => {
      throw new Error('the model file is missing');
    },
  ],
  ['gives a promise', (async () => ({ isSpeech: () => false })) as never],
  ['gives nothing', (() => undefined) as never],
])('when making a detector %s, the kit’s own listens, and that is counted once', async (_how, createVoiceActivity) => {
  const own = await openTappedCall({ createVoiceActivity });
  await own.answerCaller(createAudio(500));
  own.phone.mark('callspan:1');
  own.phone.hear(40, false);
  await own.phone.settle();
  expect(own.recorder.spans().map(({ name }) => name)).toContain('voice.response_gap');
  expect(own.callspan.tools.problems.count('media_tap_failed')).toBe(1);
  await own.close();
});

test.each([
  [{ mediaRate: 0 }, 'mediaRate is 0; expected a number above 0'],
  [{ deadAirMs: Number.NaN }, 'deadAirMs is NaN; expected milliseconds above 0'],
  [{ probeMarks: 'yes' as never }, 'probeMarks is "yes"; expected true or false'],
  [
    { deadAirMS: 3 } as never,
    'deadAirMS is 3; expected an option of tapMediaStream: did you mean deadAirMs? (createVoiceActivity, mediaR',
  ],
  [{ later: undefined } as never, 'later is not set; expected an option of tapMediaStream'],
  [null as never, 'the options of tapMediaStream is null; expected an object'],
  ['fast' as never, 'the options of tapMediaStream is "fast"; expected an object'],
  [{ deadAirMs: 3000n as never }, 'deadAirMs is 3000; expected milliseconds above 0'],
  [{ lookEveryMs: 1001 }, 'lookEveryMs is 1001; expected milliseconds above 0, up to 1000'],
  [{ generatedAudioMs: 5 as never }, 'generatedAudioMs is 5; expected a function'],
  [{ createVoiceActivity: 1 as never }, 'createVoiceActivity is 1; expected a function'],
])('wrong options are refused by name: %p', (options, message) => {
  const tap = () => tapMediaStream(line.callspan, line.call, line.phone.bot, options);
  expect(tap).toThrow(TypeError);
  expect(tap).toThrow(message);
});
