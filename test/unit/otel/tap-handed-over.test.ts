import { diag, logs } from '@opentelemetry/api';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
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
    line.tap.heard(samples, Number(media.timestamp), Number(sequenceNumber));
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
  ['no sample', (tap) => tap.heard(new Int16Array(0), 20), /samples is an Int16Array; expected/],
  ['other samples', (tap) => tap.heard(new Float32Array(160) as never, 20), /samples is a Float32Array; expected/],
  ['no time', (tap) => tap.heard(new Int16Array(160), Number.NaN), /timestampMs is NaN; expected/],
  ['a number as text', (tap) => tap.heard(new Int16Array(160), 20, '3' as never), /sequenceNumber is "3"; expected/],
])('%s: the tap reads the message itself, and the bot is told', async (_name, hand, told) => {
  line = await openTappedCall();
  line.phone.bot.on('message', () => hand(line.tap));
  line.phone.hear(100, true);
  await line.phone.settle();
  expect(line.tap.ledger).toMatchObject({ framesIn: 5, lostMs: 0, duplicated: 0 });
  expect(warned[0]).toMatch(told);
  expect(exporter.getFinishedLogRecords().map(({ body }) => body)).toContain('bad_frame_handed_over');
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
    line.phone.send('media', { media: { track: 'inbound', timestamp: `${atMs}`, payload: 'AAAA' } });
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

test('after the end nothing is told of what is handed over', async () => {
  line = await openTappedCall();
  const { heard } = line.tap;
  line.tap.close();
  heard(new Int16Array(160), 0);
  expect(warned).toEqual([]);
});
