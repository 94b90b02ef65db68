import type { CallSummary } from '../../../services/viewer/domain/call.ts';
import { keepWithin } from '../../../services/viewer/domain/keep-within.ts';
import { watchCalls } from '../../../services/viewer/domain/watch-calls.ts';
import { createFakeClock } from '../../helpers/fake-clock.ts';

function startWatching(heard: Map<string, number>) {
  const clock = createFakeClock();
  const lost: string[] = [];
  const store = {
    markLost(beforeMs: number) {
      const quiet = [...heard].filter(([, ms]) => ms < beforeMs).map(([callSid]) => callSid);
      for (const callSid of quiet) heard.delete(callSid);
      return quiet.map((callSid) => ({ callSid }) as CallSummary);
    },
    findQuietest: () => (heard.size === 0 ? undefined : Math.min(...heard.values())),
  };
  const watch = watchCalls({
    store,
    clock,
    now: clock.now,
    onChanges: ({ calls }) => lost.push(...calls.map(({ callSid }) => callSid)),
    onError: (error) => {
      throw error;
    },
  });
  return { clock, watch, lost };
}

test('a call is lost 30 s after the last thing came of it, not before', async () => {
  const heard = new Map([['CA1', 0]]);
  const { clock, lost } = startWatching(heard);
  await clock.advance(20_000);
  heard.set('CA1', clock.now());
  await clock.advance(29_999);
  expect(lost).toEqual([]);
  await clock.advance(1);
  expect(lost).toEqual(['CA1']);
});

test('a call that begins while nothing was going on is watched too', async () => {
  const heard = new Map<string, number>();
  const { clock, watch, lost } = startWatching(heard);
  await clock.advance(100_000);
  heard.set('CA2', clock.now());
  watch.look();
  await clock.advance(30_000);
  expect(lost).toEqual(['CA2']);
});

test('calls that an earlier run left open are lost at once', async () => {
  const { lost } = startWatching(new Map([['CA3', -60_000]]));
  expect(lost).toEqual(['CA3']);
});

test('a store that does not answer for a moment is asked again, and the call is lost all the same', async () => {
  const clock = createFakeClock();
  const errors: unknown[] = [];
  const lost: string[] = [];
  let isBroken = false;
  const answer = <Value>(value: Value): Value => {
    if (isBroken) throw new Error('locked');
    return value;
  };
  const watch = watchCalls({
    store: {
      markLost: (beforeMs) => answer(beforeMs > 0 && lost.length === 0 ? [{ callSid: 'CA1' } as CallSummary] : []),
      findQuietest: () => answer(lost.length === 0 ? 0 : undefined),
    },
    clock,
    now: clock.now,
    onChanges: ({ calls }) => lost.push(...calls.map(({ callSid }) => callSid)),
    onError: (error) => errors.push(error),
  });
  isBroken = true;
  expect(() => watch.look()).not.toThrow();
  await clock.advance(30_500);
  expect([lost, errors.length > 0]).toEqual([[], true]);
  isBroken = false;
  await clock.advance(1000);
  expect(lost).toEqual(['CA1']);
});

test('what is older than the preset goes in small steps, one after the other, and later again', async () => {
  const clock = createFakeClock();
  const steps: number[] = [];
  let left = 120;
  const store = {
    deleteOldContent: () => 0,
    sweep: () => false,
    deleteOld(beforeMs: number, limit: number) {
      expect(beforeMs).toBe(clock.now() - 48 * 3_600_000);
      const deleted = Math.min(limit, left);
      left -= deleted;
      steps.push(deleted);
      return deleted;
    },
  };
  const stop = keepWithin({ store, clock, now: clock.now, preset: 'development', onError: fail });
  await clock.advance(1000);
  expect(steps).toEqual([50, 50, 20]);
  await clock.advance(60_000);
  expect(steps).toEqual([50, 50, 20, 0]);
  stop();
  await clock.advance(600_000);
  expect(steps).toHaveLength(4);
});

test.each([
  ['development', 2],
  ['staging', 7],
  ['production', 7],
] as const)('what people said is kept for the shorter of the preset and a week: %s', async (preset, days) => {
  const clock = createFakeClock();
  const steps: number[] = [];
  let left = 2500;
  const store = {
    deleteOld: () => 0,
    sweep: () => false,
    deleteOldContent(beforeMs: number, limit: number) {
      expect(beforeMs).toBe(clock.now() - days * 24 * 3_600_000);
      const deleted = Math.min(limit, left);
      left -= deleted;
      steps.push(deleted);
      return deleted;
    },
  };
  const stop = keepWithin({ store, clock, now: clock.now, preset, onError: fail });
  await clock.advance(1000);
  expect(steps).toEqual([1000, 1000, 500]);
  stop();
});

function fail(error: unknown): never {
  throw error;
}
