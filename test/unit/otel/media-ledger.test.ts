import { InboundLedger } from '../../../otel/src/media/inbound-ledger.ts';
import { MediaClock } from '../../../otel/src/media/media-clock.ts';

/** Sends frames of 20 ms, each 20 ms after the one before unless said otherwise. */
function createStream(rate = 1) {
  const clock = new MediaClock(rate);
  const ledger = new InboundLedger(clock, rate);
  let nowMs = 1000;
  return {
    clock,
    ledger,
    /** A frame by its number in the stream, arriving `afterMs` after the one before. */
    frame(index: number, { afterMs = 20 / rate, sequence = index + 2, addMs = 0 } = {}) {
      nowMs += afterMs;
      return ledger.take(sequence, index * 20 + addMs, 20, nowMs);
    },
    frames(from: number, to: number) {
      for (let index = from; index <= to; index += 1) this.frame(index);
    },
  };
}

test('missing frames are lost audio, and the largest hole is known', () => {
  const stream = createStream();
  stream.frames(0, 9);
  stream.frame(12, { afterMs: 60 });
  stream.frame(13);
  stream.frame(19, { afterMs: 120 });
  expect(stream.ledger).toMatchObject({ framesIn: 13, lostMs: 140, largestHoleMs: 100 });
});

test('a frame that was overtaken is reordered, not lost', () => {
  const stream = createStream();
  stream.frames(0, 4);
  stream.frame(6);
  expect(stream.ledger.lostMs).toBe(20);
  expect(stream.frame(5, { afterMs: 1 })).toBe('late');
  expect(stream.frame(7)).toBe('next');
  expect(stream.ledger).toMatchObject({ lostMs: 0, largestHoleMs: 0, reordered: 1, duplicated: 0, clockJumps: 0 });
});

test('the very first two frames may be swapped too', () => {
  const stream = createStream();
  stream.frame(1);
  expect(stream.frame(0, { afterMs: 1 })).toBe('late');
  stream.frames(2, 5);
  expect(stream.ledger).toMatchObject({ lostMs: 0, reordered: 1, duplicated: 0 });
});

test('a frame that comes twice is a duplicate, also when it filled a hole', () => {
  const stream = createStream();
  stream.frames(0, 4);
  expect(stream.frame(4, { afterMs: 1 })).toBe('duplicate');
  stream.frame(6);
  stream.frame(5, { afterMs: 1 });
  expect(stream.frame(5, { afterMs: 1 })).toBe('duplicate');
  expect(stream.ledger).toMatchObject({ lostMs: 0, reordered: 1, duplicated: 2 });
});

test('a clock that is set forward is a jump, not a loss; media time goes on', () => {
  const stream = createStream();
  stream.frames(0, 49);
  stream.frame(50, { addMs: 3_600_000 });
  stream.frame(51, { addMs: 3_600_000 });
  expect(stream.ledger).toMatchObject({ lostMs: 0, clockJumps: 1, mediaMs: 1020 });
});

test.each([Number.NaN, undefined])(
  'a clock that is set back is a jump, with sequence numbers or (%p) without',
  (none) => {
    const stream = createStream();
    const options = none === undefined ? {} : { sequence: none };
    for (let index = 0; index < 500; index += 1) stream.frame(index, options);
    stream.frame(500, { ...options, addMs: -9000 });
    stream.frame(501, { ...options, addMs: -9000 });
    expect(stream.ledger).toMatchObject({ lostMs: 0, clockJumps: 1, duplicated: 0, mediaMs: 10_020 });
  },
);

test('a hole in the audio that lasts as long as it says is a loss, however long', () => {
  const stream = createStream();
  stream.frames(0, 49);
  stream.frame(150, { afterMs: 2020 });
  expect(stream.ledger).toMatchObject({ lostMs: 2000, clockJumps: 0, stalls: 1 });
});

test('frames that come late in a heap are a stall and no loss', () => {
  const stream = createStream();
  stream.frames(0, 49);
  stream.frame(50, { afterMs: 520 });
  for (let index = 51; index < 75; index += 1) stream.frame(index, { afterMs: 0.1 });
  expect(stream.ledger).toMatchObject({ lostMs: 0, stalls: 1, stalledMs: 500, clockJumps: 0 });
});

test('drift is known after 20 s, not before', () => {
  const stream = createStream();
  const step = { afterMs: 20 / (1 + 150e-6) };
  for (let index = 0; index < 900; index += 1) stream.frame(index, step);
  expect(stream.clock.driftPpm).toBeUndefined();
  for (let index = 900; index < 3000; index += 1) stream.frame(index, step);
  expect(stream.clock.driftPpm).toBeCloseTo(150, 0);
});

test('jitter settles at the mean difference of transit times, and its p95 covers the seconds', () => {
  const stream = createStream();
  for (let index = 0; index < 1000; index += 1) {
    stream.frame(index, { afterMs: index % 2 === 0 ? 30 : 10 });
    stream.ledger.jitter.take(stream.ledger.mediaMs, stream.ledger.arrivedAtMs);
  }
  expect(stream.ledger.jitter.jitterMs).toBeCloseTo(10, 0);
  expect(Math.abs((stream.ledger.jitter.p95Ms ?? 0) - 10)).toBeLessThanOrEqual(0.5);
});

test('a line ten times as fast is measured in its own time', () => {
  const stream = createStream(10);
  for (let index = 0; index < 20_000; index += 1) stream.frame(index);
  expect(stream.ledger).toMatchObject({ lostMs: 0, clockJumps: 0, stalls: 0 });
  expect(Math.abs(stream.clock.driftPpm ?? Number.NaN)).toBeLessThan(1);
});
