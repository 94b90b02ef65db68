import { parseFaults } from '../../../services/caller/domain/faults/fault-order.ts';
import { createLineFaults } from '../../../services/caller/domain/faults/line-faults.ts';
import { createMediaStream } from '../../../services/caller/domain/media-stream.ts';
import { createFakeClock } from '../../helpers/fake-clock.ts';

type Media = { sequenceNumber: number; chunk: number; timestampMs: number; sentMs: number; atMs: number };
type Sent = { event: string; sequenceNumber: number; atMs: number; name?: string };
const MARK = (name: string) => JSON.stringify({ event: 'mark', streamSid: 'MZ1', mark: { name } });
// Its length is a multiple of three, so that it can be repeated as base64.
const SOUND = Buffer.alloc(159, 7).toString('base64');
const AUDIO = JSON.stringify({
  event: 'media',
  streamSid: 'MZ1',
  media: { payload: SOUND },
});

/** A stream behind faults, without socket and real time: one tick each 20 ms of the fake clock. */
function open(text: string, { seed = 1, stepCount = 4 } = {}) {
  const clock = createFakeClock();
  const faults = createLineFaults({ faults: parseFaults(text), seed, clock, stepCount });
  const sent: Sent[] = [];
  const media: Media[] = [];
  const played: number[] = [];
  const ends = { destroyed: 0, hungUp: 0 };
  const line = faults.openStream({
    send(message) {
      const { event, sequenceNumber, mark, media: frame } = JSON.parse(message);
      const one = { event, sequenceNumber: Number(sequenceNumber), atMs: clock.now() };
      sent.push(mark ? { ...one, name: mark.name } : one);
      if (!frame) return;
      const timestampMs = Number(frame.timestamp);
      media.push({ ...one, chunk: Number(frame.chunk), timestampMs, sentMs: timestampMs + 20 });
    },
    destroy() {
      ends.destroyed += 1;
    },
    hangUp() {
      ends.hungUp += 1;
    },
  });
  const stream = createMediaStream({
    accountSid: 'AC1',
    callSid: 'CA1',
    streamSid: 'MZ1',
    parameters: {},
    send: line.send,
    returnMark: line.returnMark,
    onWarning: () => undefined,
  });
  const run = async (ticks: number, onTick: (tick: number) => void = () => undefined) => {
    for (let tick = 1; tick <= ticks; tick += 1) {
      await clock.advance(20);
      if (line.tick(new Uint8Array(160).fill(1), stream.tick)) played.push(clock.now());
      onTick(tick);
    }
  };
  return { clock, faults, line, stream, sent, media, played, ends, run, report: () => faults.report() };
}

const sequence = (media: readonly Media[]) => media.map((one) => one.sequenceNumber);
const isSorted = (numbers: readonly number[]) => numbers.every((one, at) => at === 0 || one >= (numbers[at - 1] ?? 0));
const ENOUGH = 20_000;

test('without faults every message passes at once and nothing is reported', async () => {
  const { media, run, report } = open('loss=0');
  await run(50);
  expect(media.every((one) => one.atMs === one.sentMs)).toBe(true);
  expect(sequence(media)).toEqual(Array.from({ length: 50 }, (_, at) => at + 1));
  expect(report()[0]).toMatchObject({ count: 0, frames: 50 });
  expect(createLineFaults({ faults: [], seed: 1, clock: createFakeClock(), stepCount: 1 }).report()).toEqual([]);
});

test('jitter delays by 0 to 80 ms and keeps the order: what is behind a late message is late', async () => {
  const { clock, media, run, report } = open('jitter');
  await run(5000);
  await clock.advance(100);
  const delays = media.map((one) => one.atMs - one.sentMs);
  expect(media).toHaveLength(5000);
  expect(isSorted(sequence(media))).toBe(true);
  expect(isSorted(media.map((one) => one.atMs))).toBe(true);
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...delays)).toBeLessThanOrEqual(80);
  const [jitter] = report();
  expect(jitter).toMatchObject({ name: 'jitter', maxDelayMs: 80, count: 5000 });
  expect(jitter?.largestDelayMs).toBeCloseTo(Math.max(...delays), 1);
  expect(Number(jitter?.largestDelayMs)).toBeGreaterThan(79);
  expect(jitter?.meanDelayMs).toBeCloseTo(delays.reduce((sum, one) => sum + one) / delays.length, 1);
});

test('a lost frame makes chunk and timestamp jump, the sequence numbers stay without a gap', async () => {
  const { media, run, report } = open('loss');
  await run(ENOUGH);
  const jumps = media.map((one, at) => one.chunk - (media[at - 1]?.chunk ?? 0) - 1);
  const lost = jumps.reduce((sum, one) => sum + one);
  expect(sequence(media)).toEqual(media.map((_one, at) => at + 1));
  expect(media.every((one) => one.timestampMs === (one.chunk - 1) * 20)).toBe(true);
  const [loss] = report();
  expect(loss).toMatchObject({ percent: 2, frames: ENOUGH, lostMs: Number(loss?.count) * 20 });
  expect(lost + Number(loss?.trailing)).toBe(loss?.count);
  expect(loss?.longestGapMs).toBe(Math.max(...jumps) * 20);
  expect(Math.abs(Number(loss?.count) / ENOUGH - 0.02)).toBeLessThan(0.003);
});

test('a stall holds both directions for 400 ms, then all comes at once and in order', async () => {
  const { clock, line, media, run, report } = open('stall');
  const heard: { sentMs: number; atMs: number }[] = [];
  await run(ENOUGH, () => {
    const sentMs = clock.now();
    line.receive(() => heard.push({ sentMs, atMs: clock.now() }));
  });
  await clock.advance(500);
  expect(isSorted(sequence(media))).toBe(true);
  const held = media.filter((one) => one.atMs > one.sentMs);
  const bursts = Map.groupBy(held, (one) => one.atMs);
  const [stall] = report();
  expect(stall).toMatchObject({ holdMs: 400, everyMs: 5000, heldFromLine: held.length });
  expect(stall?.heldFromBot).toBe(heard.filter((one) => one.atMs > one.sentMs).length);
  expect(stall?.heldFromBot).toBe(held.length);
  expect(bursts.size).toBe(stall?.count);
  expect(Math.abs((ENOUGH * 20) / 5000 - bursts.size)).toBeLessThan(8);
  // 400 ms hold 20 frames wherever they begin between two ticks.
  for (const burst of bursts.values()) expect(burst).toHaveLength(20);
  expect(stall?.largestDelayMs).toBeCloseTo(Math.max(...held.map((one) => one.atMs - one.sentMs)), 1);
  expect(Number(stall?.largestDelayMs)).toBeLessThanOrEqual(400);
});

test('reorder swaps a frame with the next one, and the sequence numbers show the true order', async () => {
  const { media, run, report } = open('reorder');
  await run(ENOUGH);
  const swapped = media.filter((one, at) => one.sequenceNumber === (media[at + 1]?.sequenceNumber ?? 0) + 1).length;
  expect(report()).toEqual([{ name: 'reorder', percent: 2, count: swapped, frames: ENOUGH }]);
  expect(Math.abs(swapped / ENOUGH - 0.02)).toBeLessThan(0.003);
  expect(sequence(media).toSorted((one, other) => one - other)).toEqual(media.map((_one, at) => at + 1));
  expect(media.every((one, at) => Math.abs(one.sequenceNumber - 1 - at) <= 1)).toBe(true);
});

test('a frame that waits for its neighbour goes out before stop, which stays last', async () => {
  const { line, media, sent, stream, run } = open('reorder=100');
  await run(3);
  stream.stop();
  await line.finish(() => sent.push({ event: 'closed', sequenceNumber: 0, atMs: 0 }));
  expect(sequence(media)).toEqual([2, 1, 3]);
  stream.dtmf('5');
  expect(sent.slice(-2).map((one) => one.event)).toEqual(['stop', 'closed']);
});

test('a duplicate is the same message once more', async () => {
  const { media, run, report } = open('duplicate');
  await run(ENOUGH);
  const twice = media.filter((one, at) => one.sequenceNumber === media[at - 1]?.sequenceNumber).length;
  expect(media).toHaveLength(ENOUGH + twice);
  expect(report()).toEqual([{ name: 'duplicate', percent: 2, count: twice, frames: ENOUGH }]);
  expect(Math.abs(twice / ENOUGH - 0.02)).toBeLessThan(0.003);
});

test('the clock of a drifting line is 300 ppm fast, its timers come so much earlier', async () => {
  const { clock, faults, run, report } = open('drift');
  const started = faults.mediaClock.now();
  let firedAtMs = 0;
  faults.mediaClock.after(10_000, () => {
    firedAtMs = clock.now();
  });
  await clock.advance(100_000);
  expect(faults.mediaClock.now() - started).toBeCloseTo(100_030, 6);
  expect(firedAtMs).toBeCloseTo(10_000 / 1.0003, 6);
  await run(5000);
  expect(report()).toEqual([{ name: 'drift', ppm: 300, count: 5000, gainedMs: 29.99 }]);
});

test('a late mark comes back 300 ms after its audio was played, numbered when it is sent', async () => {
  const { stream, line, sent, run, report } = open('late-mark');
  await run(40, (tick) => {
    if (tick !== 10) return;
    line.receive(() => stream.receive(AUDIO));
    line.receive(() => stream.receive(MARK('m1')));
  });
  // Received after tick 10, played from tick 11 to 12: due at 240 ms, sent at 540 ms ahead of that tick's frame.
  expect(sent.find((one) => one.event === 'mark')).toEqual({
    event: 'mark',
    name: 'm1',
    atMs: 540,
    sequenceNumber: 27,
  });
  expect(sent.every((one, at) => one.sequenceNumber === at + 1)).toBe(true);
  expect(report()).toEqual([{ name: 'late-mark', delayMs: 300, count: 1, marks: 1 }]);
});

test('one mark in three is lost, and leaves no gap in the numbers', async () => {
  const { stream, sent, run, report } = open('lost-mark');
  await run(3000, (tick) => stream.receive(MARK(`m${tick}`)));
  const back = sent.filter((one) => one.event === 'mark').length;
  expect(report()).toEqual([{ name: 'lost-mark', oneIn: 3, count: 3000 - back, marks: 3000 }]);
  expect(Math.abs(back / 3000 - 2 / 3)).toBeLessThan(0.03);
  expect(sent.every((one, at) => one.sequenceNumber === at + 1)).toBe(true);
});

test('a half-open line says nothing, plays nothing and hears nothing until the caller gives up after 15 s', async () => {
  const { faults, stream, line, sent, played, ends, run, report } = open('half-open');
  let heard = 0;
  const step = Number(report()[0]?.atStep);
  faults.beginStep(step - 1);
  // More audio than is played before the line falls silent.
  await run(200, () => line.receive(() => stream.receive(AUDIO.replace(SOUND, SOUND.repeat(3)))));
  expect(report()).toMatchObject([{ count: 0, atSample: null }]);
  faults.beginStep(step);
  const afterMs = Number(report()[0]?.afterMs);
  await run(afterMs / 20);
  const before = sent.length;
  expect(line.isHalfOpen()).toBe(false);
  await run(1);
  expect(line.isHalfOpen()).toBe(true);
  const hear = () => {
    heard += 1;
  };
  stream.dtmf('5');
  await run(749, () => line.receive(hear));
  expect([sent.length, heard, ends.hungUp]).toEqual([before, 0, 0]);
  expect(played.at(-1)).toBe(4000 + afterMs);
  await run(1);
  expect(ends).toEqual({ destroyed: 0, hungUp: 1 });
  expect(report()).toMatchObject([{ count: 1, atSample: (200 + afterMs / 20) * 160, giveUpMs: 15_000 }]);
});

test.each([
  ['abnormal-close', { destroyed: 1, hungUp: 0 }],
  ['no-stop', { destroyed: 0, hungUp: 1 }],
])('%s strikes once, at its moment', async (name, expected) => {
  const { faults, line, ends, run, report } = open(name);
  await run(10);
  expect(ends).toEqual({ destroyed: 0, hungUp: 0 });
  for (let step = 0; step < 4; step += 1) faults.beginStep(step);
  await run(100);
  expect(ends).toEqual(expected);
  expect(report()).toMatchObject([{ name, count: 1 }]);
  expect(line.leavesOutStop()).toBe(name === 'no-stop');
});

test('the end lies in the second half of the script, anywhere in it, or 2 to 6 s into a script without steps', () => {
  const plans = Array.from({ length: 200 }, (_, seed) => open('no-stop', { seed, stepCount: 7 }).report()[0]);
  expect(new Set(plans.map((plan) => plan?.atStep))).toEqual(new Set([3, 4, 5, 6]));
  expect(plans.every((plan) => Number(plan?.afterMs) >= 0 && Number(plan?.afterMs) < 1500)).toBe(true);
  const empty = Array.from({ length: 50 }, (_, seed) => open('no-stop', { seed, stepCount: 0 }).report()[0]);
  expect(empty.every((plan) => plan?.atStep === null && Number(plan.afterMs) >= 2000)).toBe(true);
  expect(empty.every((plan) => Number(plan?.afterMs) < 6000)).toBe(true);
});

test('the same seed makes the same plan, another seed another one, and faults do not change each other’s plans', async () => {
  const lostOf = async (text: string, seed: number) => {
    const { media, run } = open(text, { seed });
    await run(2000);
    return media.map((one) => one.chunk);
  };
  const first = await lostOf('loss', 7);
  expect(await lostOf('loss', 7)).toEqual(first);
  expect(await lostOf('loss', 8)).not.toEqual(first);
  expect(await lostOf('duplicate=0,lost-mark,reorder=0,loss', 7)).toEqual(first);
});

test('what is under way when the bot closes is dropped, what waits when the line closes goes out first', async () => {
  const closedByBot = open('jitter=5000');
  await closedByBot.run(10);
  closedByBot.line.abandon();
  const before = closedByBot.sent.length;
  await closedByBot.clock.advance(10_000);
  expect(closedByBot.sent).toHaveLength(before);

  const closedByLine = open('jitter=5000');
  await closedByLine.run(10);
  closedByLine.stream.stop();
  const done = closedByLine.line.finish(() => closedByLine.sent.push({ event: 'closed', sequenceNumber: 0, atMs: 0 }));
  await closedByLine.clock.advance(10_000);
  await done;
  expect(closedByLine.sent.map((one) => one.event).slice(-3)).toEqual(['media', 'stop', 'closed']);
  expect(closedByLine.media).toHaveLength(10);
});
