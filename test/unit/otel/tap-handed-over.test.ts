import { diag, logs } from '@opentelemetry/api';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { tapMediaStream } from '../../../otel/src/index.ts';
import { decodeMulawInto } from '../../../otel/src/media/mulaw.ts';
import { openTappedCall, type TappedCall } from '../../helpers/media-call.ts';
import { durationMs } from '../../helpers/recorded-spans.ts';

const exporter = new InMemoryLogRecordExporter();
beforeAll(() => {
  logs.setGlobalLoggerProvider(new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] }));
});

let line: TappedCall;
const warned: string[] = [];
beforeEach(() => {
  exporter.reset();
  warned.length = 0;
  diag.setLogger({ verbose() {}, debug() {}, info() {}, warn: (text) => void warned.push(text), error() {} });
});
afterEach(async () => {
  diag.disable();
  await line.close();
});

type Message = { sequenceNumber: string; media?: { timestamp: string; payload: string } };

/** What a bot does that decodes: it hands over all of each frame. */
async function openDecodingBot(): Promise<TappedCall> {
  line = await openTappedCall();
  line.phone.bot.on('message', (data) => {
    const { sequenceNumber, media } = JSON.parse(String(data)) as Message;
    if (!media) return;
    const bytes = Buffer.from(media.payload, 'base64');
    const samples = new Int16Array(bytes.length);
    decodeMulawInto(samples, bytes);
    line.tap.heard(samples, media.timestamp, sequenceNumber);
  });
  return line;
}

/** A caller who is answered, until the end of the call. @returns what the call's telemetry tells of its line */
async function runCall({ call, phone, recorder, answerCaller, tap }: TappedCall) {
  await answerCaller();
  phone.hear(200, false);
  phone.mark('callspan:1');
  phone.hear(40, false);
  await phone.settle();
  const { framesIn } = tap.ledger;
  call.end({ reason: 'caller_hangup', outcome: 'saved' });
  const { 'voice.gap.platform_ms': _, ...gap } = recorder.named('voice.response_gap').attributes;
  return { framesIn, gap, speechMs: Math.round(durationMs(recorder.named('user_speech'))) };
}

/** A tap whose detector notes the first sample and the last of each frame that it is asked about. */
async function openNotingTap(): Promise<[number, number][]> {
  const asked: [number, number][] = [];
  const isSpeech = (frame: Int16Array) => {
    asked.push([frame[0] ?? Number.NaN, frame[159] ?? Number.NaN]);
    return false;
  };
  line = await openTappedCall({ createVoiceActivity: () => ({ isSpeech }) });
  return asked;
}

test('what the bot hands over is measured as what the tap reads itself', async () => {
  line = await openTappedCall();
  const read = await runCall(line);
  await line.close();
  expect(await runCall(await openDecodingBot())).toEqual(read);
  expect(read).toMatchObject({ framesIn: 92, speechMs: 1000, gap: { 'voice.gap.source': 'media_clock' } });
});

test('what was handed over is not decoded once more', async () => {
  const asked = await openNotingTap();
  line.phone.bot.once('message', () => line.tap.heard(new Int16Array(160).fill(7), 0));
  line.phone.hear(40, false);
  await line.phone.settle();
  expect(line.tap.ledger.framesIn).toBe(2);
  expect(asked).toEqual([
    [7, 7],
    [0, 0],
  ]);
});

test.each<[string, (tap: TappedCall['tap']) => void, RegExp]>([
  ['no samples', (tap) => tap.heard(undefined as never, 20), /samples is not set; expected an Int16Array/],
  ['no sample', (tap) => tap.heard(new Int16Array(0), 20), /samples holds 0; expected those of the message, at 8 kHz/],
  ['samples at 16 kHz', (tap) => tap.heard(new Int16Array(320), 20), /samples holds 320; expected/],
  ['other samples', (tap) => tap.heard(new Float32Array(160) as never, 20), /samples is a Float32Array; expected/],
  ['no time', (tap) => tap.heard(new Int16Array(160), Number.NaN), /timestampMs is NaN; expected/],
  ['an empty time', (tap) => tap.heard(new Int16Array(160), ''), /timestampMs is ""; expected/],
  [
    'a number that is none',
    (tap) => tap.heard(new Int16Array(160), 20, 'three'),
    /sequenceNumber is "three"; expected/,
  ],
  [
    'the message in two pieces',
    (tap) => {
      for (const atMs of [0, 10]) tap.heard(new Int16Array(80), atMs);
    },
    /heard\(\) is called once for a message, with all of its samples/,
  ],
])('%s: the tap reads the message itself, and the bot is told once', async (_name, hand, told) => {
  line = await openTappedCall();
  line.phone.bot.on('message', () => hand(line.tap));
  line.phone.hear(100, true);
  await line.phone.settle();
  expect(line.tap.ledger).toMatchObject({ framesIn: 5, lostMs: 0, duplicated: 0 });
  expect(warned).toEqual([expect.stringMatching(told)]);
  expect(exporter.getFinishedLogRecords().map(({ body }) => body)).toContain('bad_frame_handed_over');
  expect(line.callspan.tools.problems.count('bad_frame_handed_over')).toBe(5);
});

test.each([
  ['of another stream is no frame of the caller', { streamSid: 'MZ-other' }, { track: 'inbound' }, 1],
  ['of the outbound track is no frame of the caller, and no bad message', {}, { track: 'outbound' }, 0],
])('audio %s, handed over or not', async (_name, own, track, badMessages) => {
  line = await openTappedCall();
  line.phone.bot.on('message', () => line.tap.heard(new Int16Array(160), 0, 2));
  const payload = Buffer.alloc(160, 0xff).toString('base64');
  line.phone.send('media', { ...own, media: { ...track, timestamp: '0', payload } });
  line.phone.send('media', { ...own, media: { ...track, timestamp: 20, payload } });
  await line.phone.settle();
  expect(line.tap.ledger).toMatchObject({ framesIn: 0, badMessages: badMessages * 2 });
});

test('a message that the tap does not take for a frame by its beginning is read by the tap, without a word', async () => {
  line = await openTappedCall();
  line.phone.bot.on('message', () => line.tap.heard(new Int16Array(160), 0, 2));
  const payload = Buffer.alloc(160, 0xff).toString('base64');
  const media = { track: 'inbound', timestamp: '0', payload };
  line.phone.raw(JSON.stringify({ streamSid: 'MZ1', event: 'media', sequenceNumber: '2', media }));
  await line.phone.settle();
  expect(line.tap.ledger).toMatchObject({ framesIn: 1, badMessages: 0 });
  expect(warned).toEqual([]);
});

test('what is handed over too late, when the message has been taken, counts once', async () => {
  line = await openTappedCall();
  line.phone.hear(20, true);
  await line.phone.settle();
  line.tap.heard(new Int16Array(160), 0);
  expect(line.tap.ledger.framesIn).toBe(1);
  expect(warned[0]).toMatch(/call it in the listener, before that returns/);
});

test('pieces of other lengths than a frame are heard whole, in frames', async () => {
  const asked = await openNotingTap();
  const hear = (samples: number, atMs: number) => {
    line.phone.bot.once('message', () => line.tap.heard(new Int16Array(samples).fill(9), atMs));
    const payload = Buffer.alloc(samples, 0xff).toString('base64');
    line.phone.send('media', { media: { track: 'inbound', timestamp: `${atMs}`, payload } });
    return line.phone.settle();
  };
  await hear(400, 0);
  await hear(80, 50);
  await hear(160, 60);
  expect(line.tap.ledger).toMatchObject({ framesIn: 3, lostMs: 0 });
  expect(asked).toEqual([
    [9, 9],
    [9, 9],
    [9, 0],
    [9, 0],
    [9, 9],
  ]);
});

test('a detector gets the memory of the tap, and may do with it what it likes', async () => {
  const isSpeech = (frame: Int16Array) => {
    frame.fill(0);
    return false;
  };
  line = await openTappedCall({ createVoiceActivity: () => ({ isSpeech }) });
  const samples = new Int16Array(160).fill(5);
  line.phone.bot.on('message', () => line.tap.heard(samples, 0, 2));
  line.phone.hear(20, true);
  await line.phone.settle();
  expect(line.tap.ledger.framesIn).toBe(1);
  expect([...new Set(samples)]).toEqual([5]);
});

test('with telemetry off there is nothing to hand over to, and no word of it', async () => {
  line = await openTappedCall();
  const { callspan, call, phone } = line;
  const off = { tools: { ...callspan.tools, isOff: true } };
  tapMediaStream(off, call, phone.bot).heard(new Int16Array(0), '');
  expect(warned).toEqual([]);
});

test('after the end nothing is told of what is handed over', async () => {
  line = await openTappedCall();
  const { heard } = line.tap;
  line.tap.close();
  heard(new Int16Array(160), 0);
  expect(warned).toEqual([]);
});
