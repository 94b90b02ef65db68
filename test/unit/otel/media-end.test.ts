import { tapMediaStream } from '../../../otel/src/index.ts';
import { openTappedCall, type TappedCall } from '../../helpers/media-call.ts';
import { mediaText } from '../../helpers/media-phone.ts';
import { createAudio } from '../../helpers/media-stage.ts';

const { jest } = import.meta;
const END = { reason: 'caller_hangup', outcome: 'saved' } as const;
const fails = () => {
  throw new Error('broken');
};

let line: TappedCall;
afterEach(() => line.close());

test('the bot hears neither the echoes nor the pongs of the kit that come after the end of the call', async () => {
  line = await openTappedCall();
  const pongs: string[] = [];
  line.phone.bot.on('pong', (data) => pongs.push(String(data)));
  await line.answerCaller();
  line.call.end(END);
  expect(Object.hasOwn(line.phone.bot, 'send')).toBe(false);
  line.phone.mark('callspan:1');
  line.phone.mark('mine');
  await line.phone.settle();
  await line.phone.settle();
  expect([line.marksHeard(), pongs]).toEqual([['mine'], []]);
  expect(line.callspan.tools.problems.count('mark_unknown')).toBe(0);
  expect(Object.hasOwn(line.phone.bot, 'emit')).toBe(false);
});

test('a pong that comes after the end of the call does not reach the bot', async () => {
  line = await openTappedCall();
  const pongs: string[] = [];
  line.phone.bot.on('pong', (data) => pongs.push(String(data)));
  line.call.end(END);
  await line.phone.settle();
  await line.phone.settle();
  expect(pongs).toEqual([]);
  expect(Object.hasOwn(line.phone.bot, 'emit')).toBe(false);
});

test('what never comes back is waited for until the socket is closed, with no timer', async () => {
  const clear = jest.spyOn(globalThis, 'clearInterval');
  line = await openTappedCall();
  await line.answerCaller();
  line.call.end(END);
  expect(clear).toHaveBeenCalledTimes(1);
  clear.mockRestore();
  expect(Object.hasOwn(line.phone.bot, 'emit')).toBe(true);
  const closed = new Promise((resolve) => line.phone.bot.once('close', resolve));
  line.phone.phone.close();
  await closed;
  await new Promise(setImmediate);
  expect(Object.hasOwn(line.phone.bot, 'emit')).toBe(false);
});

test('a detector that cannot be closed costs nothing that was counted, and the socket is given back', async () => {
  line = await openTappedCall({ createVoiceActivity: () => ({ isSpeech: () => false, close: fails }) });
  line.phone.hear(400, false);
  await line.phone.settle();
  line.call.end(END);
  expect(line.recorder.named('voice.call').attributes).toMatchObject({ 'voice.media.frames_in': 20 });
  expect(Object.hasOwn(line.phone.bot, 'send')).toBe(false);
  expect(line.callspan.tools.problems.count('media_tap_failed')).toBe(1);
});

test('a failure at the end of a call does not keep the socket', async () => {
  line = await openTappedCall();
  const { call } = line;
  call.setAttributes = fails;
  const clear = jest.spyOn(globalThis, 'clearInterval');
  call.end(END);
  expect(clear).toHaveBeenCalledTimes(1);
  clear.mockRestore();
  expect(Object.hasOwn(line.phone.bot, 'send')).toBe(false);
});

test('frames that the detector fails on hold no speech, and still tell the time of the line', async () => {
  const isSpeech = (frame: Int16Array) => frame.some((sample) => Math.abs(sample) > 100) || fails();
  line = await openTappedCall({ createVoiceActivity: () => ({ isSpeech }) });
  await line.answerCaller();
  line.phone.hear(200, false);
  line.phone.mark('callspan:1');
  line.phone.hear(40, false);
  await line.phone.settle();
  expect(line.recorder.named('voice.response_gap').attributes).toMatchObject({ 'voice.gap.source': 'media_clock' });
});

test('a count of made audio that throws is left out of the interruption, which is told', async () => {
  line = await openTappedCall({ generatedAudioMs: fails });
  await line.interruptAnswer();
  line.phone.mark('callspan:2');
  line.phone.hear(60, true);
  await line.phone.settle();
  const { attributes } = line.recorder.named('voice.barge_in');
  expect(attributes).toMatchObject({ 'voice.barge_in.sent_ms': 5000 });
  expect(attributes).not.toHaveProperty(['voice.barge_in.generated_ms']);
});

test.each(['call', 'socket'] as const)(
  'a tap on a %s that is over counts nothing and touches nothing',
  async (over) => {
    line = await openTappedCall();
    const { call, callspan, phone } = line;
    await phone.settle();
    await phone.settle();
    if (over === 'call') call.end(END);
    else {
      line.tap.close();
      phone.bot.close();
    }
    const start = jest.spyOn(globalThis, 'setInterval');
    const tap = tapMediaStream(callspan, call, phone.bot);
    expect(start).not.toHaveBeenCalled();
    start.mockRestore();
    expect(Object.hasOwn(phone.bot, 'send') || Object.hasOwn(phone.bot, 'emit')).toBe(false);
    if (over === 'call') phone.bot.send(mediaText(createAudio(20)));
    expect(tap.ledger).toEqual({ ...line.tap.ledger, roundTripMs: undefined });
    tap.close();
    expect(tap.ledger.framesIn).toBe(0);
  },
);

test('a stream that has stopped is not silent for as long as its socket stays open', async () => {
  let nowMs = 0;
  line = await openTappedCall({ deadAirMs: 300 });
  line.phone.hear(200, true);
  line.phone.send('stop', { stop: {} });
  await line.phone.settle();
  const { clock, startedAtMs } = line.call;
  nowMs = startedAtMs;
  Object.assign(clock, { now: () => nowMs });
  const ticks = new Promise<void>((resolve) => {
    let left = 3;
    Object.assign(clock, {
      now: () => {
        nowMs += 1000;
        left -= 1;
        if (left === 0) resolve();
        return nowMs;
      },
    });
  });
  await ticks;
  line.call.end(END);
  expect(line.recorder.spans().filter(({ name }) => name === 'voice.dead_air')).toEqual([]);
});
