import fc from 'fast-check';
import { criticalSegmentOf, type GapPoints, partitionGap } from '../../../otel/src/gap/partition.ts';

const at = fc.double({ min: 0, max: 60_000, noNaN: true });
const maybe = fc.option(at, { nil: undefined });
const points: fc.Arbitrary<GapPoints> = fc.record({
  eosMs: at,
  committedMs: maybe,
  transcribedMs: maybe,
  firstTokenMs: maybe,
  synthesisStartedMs: maybe,
  firstByteMs: maybe,
  sentMs: at,
  playedMs: at,
});

const lengths = (given: GapPoints) =>
  Object.fromEntries(partitionGap(given).map(({ segment, fromMs, toMs }) => [segment, toMs - fromMs]));

test('whatever the points are, the seven segments follow each other and are together exactly the gap', () => {
  fc.assert(
    fc.property(points, (given) => {
      const parts = partitionGap(given);
      const gapMs = Math.max(0, given.playedMs - given.eosMs);
      expect(parts).toHaveLength(7);
      expect(parts[0]?.fromMs).toBe(given.eosMs);
      for (const [index, part] of parts.entries()) {
        expect(part.toMs).toBeGreaterThanOrEqual(part.fromMs);
        if (index > 0) expect(part.fromMs).toBe(parts[index - 1]?.toMs);
      }
      const sum = parts.reduce((total, { fromMs, toMs }) => total + (toMs - fromMs), 0);
      expect(Math.abs(sum - gapMs)).toBeLessThan(1e-6);
    }),
  );
});

test('each known point ends its segment', () => {
  const given = {
    eosMs: 1000,
    committedMs: 1400,
    transcribedMs: 1500,
    firstTokenMs: 1700,
    synthesisStartedMs: 1750,
    firstByteMs: 1850,
    sentMs: 1860,
    playedMs: 2000,
  };
  expect(lengths(given)).toEqual({
    endpointing: 400,
    stt_tail: 100,
    llm_first_token: 200,
    sentence_wait: 50,
    tts_first_byte: 100,
    bot_queue: 10,
    carrier_buffer: 140,
  });
  expect(criticalSegmentOf(partitionGap(given))).toBe('endpointing');
});

test('the time of a missing point falls to the next known one', () => {
  const given = { eosMs: 0, committedMs: 400, firstTokenMs: 700, sentMs: 900, playedMs: 1000 };
  expect(lengths(given)).toMatchObject({ stt_tail: 0, llm_first_token: 300, bot_queue: 200, carrier_buffer: 100 });
});

test('a point after the first audible media counts as nothing', () => {
  const given = { eosMs: 0, committedMs: 400, transcribedMs: 950, sentMs: 900, playedMs: 1000 };
  expect(lengths(given)).toMatchObject({ endpointing: 400, stt_tail: 0, bot_queue: 500 });
});
