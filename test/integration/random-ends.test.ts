import { ENDINGS, placeRandomCalls } from '../helpers/random-calls.ts';
import { startTestBot, type TestBot } from '../helpers/test-bot.ts';
import { findTraceFaults } from '../helpers/trace-census.ts';

const SPEED = 10;
const SEED = Number(process.env.SEED ?? 20_261_121);

let running: TestBot;
let endings: Record<string, number>;
beforeAll(async () => {
  running = await startTestBot({ CALLSPAN_SPEED: String(SPEED) });
  endings = await placeRandomCalls(running, { count: 100, atOnce: 20, seed: SEED, speed: SPEED, longestMs: 12_000 });
  // Recording the fixed phrases is no call's work, and its spans are open while it goes on.
  await running.bot.prepared;
}, 120_000);
afterAll(() => running.close());

test('however calls end, no span is left open', () => {
  expect(running.recorder.open()).toEqual([]);
  expect(Object.keys(endings)).toEqual([...ENDINGS]);
});

test('however calls end, no span is an orphan, none ends before it begins, and no two calls are mixed', () => {
  expect(findTraceFaults(running.recorder.spans())).toEqual({ orphans: [], mixed: [], backwards: [] });
});

test('every call that was accepted has a span that says why it ended', () => {
  const calls = running.recorder.spans().filter((span) => span.name === 'voice.call');
  expect(calls).toHaveLength(100 - (endings.never_started ?? 0));
  const reasons = new Set(calls.map((span) => String(span.attributes['voice.call.end_reason'])));
  expect([...reasons].sort()).toEqual(['caller_hangup', 'stream_error', 'watchdog']);
});
