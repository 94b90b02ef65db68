import { readScript } from '../../services/caller/adapters/script-files.ts';
import { startTestBot, type TestBot } from '../helpers/test-bot.ts';
import { type CallOutcome, startTestCaller, type TestCaller } from '../helpers/test-caller.ts';

let running: TestBot;
let line: TestCaller;
let calls: Record<'many' | 'often', CallOutcome>;

beforeAll(async () => {
  running = await startTestBot();
  line = await startTestCaller(running);
  const [many, often] = await Promise.all([line.call('many-turns'), line.call('interrupts-often')]);
  calls = { many, often };
}, 90_000);
afterAll(async () => {
  await line.close();
  await running.close();
});

test('a caller of many turns asks and answers at least a dozen times, and each wait has its place on the media clock', () => {
  const { turns, record, end } = calls.many;
  expect(end).toEqual({ by: 'bot', closeCode: 1000 });
  expect(turns.map((turn) => turn.index)).toEqual(turns.map((_turn, at) => at + 1));
  expect(turns.length).toBeGreaterThanOrEqual(12);
  expect(record).toMatchObject(readScript('many-turns').expect.record ?? {});
  for (const turn of turns) {
    expect(turn.heardFromBot).not.toBe('');
    expect(turn.trueWaitMs).toBeGreaterThan(0);
    expect(turn.trueWaitMs).toBe(((turn.replyStartSample ?? 0) - (turn.callerEndSample ?? 0)) / 8);
    expect(turn.bargeIn).toBeNull();
  }
});

test('a caller who interrupts often does so in most turns, and the line knows when the bot fell silent', () => {
  const { turns, record, end } = calls.often;
  expect(end).toEqual({ by: 'bot', closeCode: 1000 });
  expect(record).toMatchObject(readScript('interrupts-often').expect.record ?? {});
  const bargeIns = turns.flatMap((turn) => (turn.bargeIn ? [{ ...turn.bargeIn, index: turn.index }] : []));
  expect(bargeIns.length).toBeGreaterThan(turns.length / 2);
  for (const { index, interruptedIndex, onsetSample, clearSample, silentSample, talkOverMs } of bargeIns) {
    expect(interruptedIndex).toBe(index - 1);
    expect(clearSample).not.toBeNull();
    expect(silentSample).toBeGreaterThan(onsetSample);
    expect(silentSample).toBeLessThanOrEqual((clearSample ?? 0) + 160);
    expect(talkOverMs).toBe((silentSample - onsetSample) / 8);
  }
});
