import { placeRandomCalls } from '../test/helpers/random-calls.ts';
import { startTestBot } from '../test/helpers/test-bot.ts';
import { findTraceFaults } from '../test/helpers/trace-census.ts';
import { tellProgress } from './progress.ts';

const SPEED = 10;

/**
 * Calls that end at random points in random ways, at ten times the speed: is a span left open, an orphan, or in the trace
 * of another call? `args`: number of calls, default 1000, then the seed.
 */
export async function ends(args: readonly string[]): Promise<object> {
  const [count = 1000, seed = 1] = args.filter((arg) => /^\d+$/.test(arg)).map(Number);
  const running = await startTestBot({ CALLSPAN_SPEED: String(SPEED) });
  try {
    const onCall = (done: number) => tellProgress(Math.min(done, count), count, 'calls');
    const endings = await placeRandomCalls(running, {
      count,
      atOnce: 20,
      seed,
      speed: SPEED,
      longestMs: 15_000,
      onCall,
    });
    const spans = running.recorder.spans();
    const { orphans, mixed, backwards } = findTraceFaults(spans);
    for (const [ending, times] of Object.entries(endings)) process.stdout.write(`${ending.padEnd(20)} ${times}\n`);
    return {
      bench: 'ends',
      calls: count,
      seed,
      endings,
      spans: spans.length,
      open: running.recorder.open().length,
      orphans: orphans.length,
      mixed: mixed.length,
      backwards: backwards.length,
    };
  } finally {
    await running.close();
  }
}
