import { logs } from '@opentelemetry/api';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { openTappedCall, type TappedCall } from '../../helpers/media-call.ts';
import { durationMs } from '../../helpers/recorded-spans.ts';

const exporter = new InMemoryLogRecordExporter();
beforeAll(() => {
  logs.setGlobalLoggerProvider(new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] }));
});

let line: TappedCall;
beforeEach(async () => {
  exporter.reset();
  line = await openTappedCall();
});
afterEach(() => line.close());

test('the wait is a span as long as the media clock says, parted into seven that fill it', async () => {
  await line.answerCaller();
  line.phone.hear(200, false);
  line.phone.mark('callspan:1');
  line.phone.hear(40, false);
  await line.phone.settle();
  const gap = line.recorder.named('voice.response_gap');
  // Passed between 1800 and 1820 of media time, 20 ms after the frame that was marked began.
  expect(durationMs(gap)).toBeCloseTo(590, 3);
  expect(gap.attributes).toMatchObject({
    'voice.stage': 'response_gap',
    'voice.gap.source': 'media_clock',
    'voice.gap.uncertainty_ms': 10,
    'voice.eos.source': 'local_vad',
    'voice.turn.index': 1,
  });
  const parts = line.recorder.spans().filter((span) => span.parentSpanContext?.spanId === gap.spanContext().spanId);
  expect(parts.map((span) => span.attributes['voice.stage'])).toEqual([
    'endpointing',
    'stt_tail',
    'llm_first_token',
    'sentence_wait',
    'tts_first_byte',
    'bot_queue',
    'carrier_buffer',
  ]);
  expect(parts.reduce((sum, span) => sum + durationMs(span), 0)).toBeCloseTo(durationMs(gap), 2);
  const speech = line.recorder.named('user_speech');
  expect(durationMs(speech)).toBeCloseTo(1000, 3);
  expect(await line.meters.points('voice.turn.platform_gap.duration')).toHaveLength(1);
});

test('segments are also figures of their turn, with the largest of them', async () => {
  await line.answerCaller();
  line.phone.hear(200, false);
  line.phone.mark('callspan:1');
  line.phone.hear(40, false);
  await line.phone.settle();
  line.call.end({ reason: 'caller_hangup', outcome: 'saved' });
  const { attributes } = line.recorder.named('voice.turn');
  const figures = Object.entries(attributes).filter(([key]) => key.startsWith('voice.turn.gap.'));
  expect(figures).toHaveLength(7);
  expect(figures.reduce((sum, [, ms]) => sum + Number(ms), 0)).toBeCloseTo(590, 1);
  expect(attributes).toHaveProperty(['voice.turn.critical_segment']);
  expect(line.recorder.named('voice.playout').attributes).toMatchObject({
    'voice.playout.sent_ms': 1000,
    'voice.playout.marks_sent': 1,
  });
});

test('a caller who speaks into the reply: the line is asked when it was silent, and both are told', async () => {
  await line.interruptAnswer();
  expect(
    line.phone
      .messages()
      .slice(-2)
      .map(({ event, mark }) => mark?.name ?? event),
  ).toEqual(['clear', 'callspan:2']);
  line.phone.hear(60, true);
  line.phone.mark('callspan:2');
  line.phone.hear(60, true);
  await line.phone.settle();
  const bargeIn = line.recorder.named('voice.barge_in');
  // Onset at 2700, silent between 2860 and 2880.
  expect(durationMs(bargeIn)).toBeCloseTo(170, 3);
  expect(bargeIn.attributes).toMatchObject({ 'voice.turn.index': 1, 'voice.barge_in.sent_ms': 5000 });
  expect(bargeIn.events.map(({ name }) => name)).toEqual(['voice.clear_sent']);
  expect(line.marksHeard()).toEqual([]);
});

test('a call that ends tells what its stream was like', async () => {
  line.phone.hear(400, false);
  line.phone.send('media', {
    media: { track: 'inbound', timestamp: '500', payload: Buffer.alloc(160, 0xff).toString('base64') },
  });
  line.phone.send('media', { media: { track: 'inbound', timestamp: 'soon', payload: 'AAAA' } });
  await line.phone.settle();
  line.call.end({ reason: 'caller_hangup', outcome: 'saved' });
  expect(line.recorder.named('voice.call').attributes).toMatchObject({
    'voice.media.frames_in': 21,
    'voice.media.lost_ms': 100,
    'voice.media.gap_ms_max': 100,
    'voice.media.reordered': 0,
    'voice.media.duplicated': 0,
    'voice.media.bad_frames': 1,
    'voice.media.marks_missed': 0,
  });
  expect(line.recorder.named('voice.call').attributes).not.toHaveProperty(['voice.media.drift_ppm']);
  expect(await line.meters.points('voice.media.lost')).toEqual([{ labels: {}, value: 0.1 }]);
});

test('a call says how many turns the caller had, how often they interrupted, and how long it was', async () => {
  line.call.startTurn(0).end('completed');
  await line.interruptAnswer();
  line.phone.mark('callspan:2');
  line.phone.hear(60, true);
  await line.phone.settle();
  const endedAtMs = line.call.startedAtMs + 6543;
  line.call.end({ reason: 'caller_hangup', outcome: 'saved', endedAtMs });
  expect(line.recorder.named('voice.call').attributes).toMatchObject({
    'voice.call.turns': 1,
    'voice.call.barge_ins': 1,
    'voice.call.duration_ms': 6543,
  });
});

test('what the bot has counted itself goes before the kit’s count', () => {
  line.call.startTurn(1).end('completed');
  line.call.end({ reason: 'caller_hangup', outcome: 'saved', attributes: { 'voice.call.turns': 7 } });
  expect(line.recorder.named('voice.call').attributes).toMatchObject({ 'voice.call.turns': 7 });
});

test('a turn that has no wait says why, and is counted', async () => {
  line.phone.hear(100, false);
  await line.phone.settle();
  line.call.startTurn(0).end('completed');
  expect(line.recorder.named('voice.turn').attributes).toMatchObject({ 'voice.turn.unmeasured_reason': 'bot_first' });
  expect(await line.meters.points('voice.turn.unmeasured')).toEqual([{ labels: { reason: 'bot_first' }, value: 1 }]);
});

test('the loudness of both sides is a log record of each turn: numbers only, going on where the one before ended', async () => {
  await line.answerCaller();
  line.call.end({ reason: 'caller_hangup', outcome: 'saved' });
  const records = exporter.getFinishedLogRecords().filter(({ eventName }) => eventName === 'voice.envelope');
  expect(records.length).toBeGreaterThan(0);
  for (const { body, spanContext, attributes } of records) {
    expect(spanContext?.traceId).toBe(line.call.traceId);
    expect(attributes['gen_ai.conversation.id']).toBe('CA1');
    const envelope = JSON.parse(String(body)) as Record<string, unknown>;
    expect(Object.keys(envelope)).toEqual(['v', 'startMs', 'stepMs', 'caller', 'bot', 'callerSpeech', 'botSpeech']);
    expect(String(body)).toMatch(/^[\d\s[\]{}",:.a-zA-Z]*$/);
  }
});

test('a frame without a time and a clock that was set anew are told as problems of the line', async () => {
  const payload = Buffer.alloc(160, 0xff).toString('base64');
  line.phone.send('media', { media: { track: 'inbound', timestamp: 'noon', payload } });
  line.phone.hear(200, false);
  line.phone.send('media', { media: { track: 'inbound', timestamp: '0', payload } });
  await line.phone.settle();
  expect(line.tap.ledger).toMatchObject({ framesIn: 11, badMessages: 1, clockJumps: 1 });
  const told = exporter.getFinishedLogRecords().map(({ body }) => body);
  expect(told).toEqual(expect.arrayContaining(['bad_frame', 'media_clock_jumped']));
});
