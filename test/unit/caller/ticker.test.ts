import { startTicker } from '../../../services/caller/domain/ticker.ts';
import type { Clock } from '../../../services/line/clock.ts';
import { createFakeClock } from '../../helpers/fake-clock.ts';

/** A clock whose timers come late by what the test says. */
function createLateClock(speed: number): { clock: Clock; fire(nowMs: number): void } {
  let now = 0;
  let pending: (() => void) | undefined;
  const clock: Clock = {
    speed,
    now: () => now,
    after(_delayMs, run) {
      pending = run;
      return () => {
        pending = undefined;
      };
    },
    delay: () => Promise.resolve(),
  };
  return {
    clock,
    fire(nowMs) {
      now = nowMs;
      const run = pending;
      pending = undefined;
      run?.();
    },
  };
}

test('beats every 20 ms', async () => {
  const clock = createFakeClock();
  const times: number[] = [];
  const ticker = startTicker(clock, () => times.push(clock.now()));
  await clock.advance(100);
  ticker.close();
  await clock.advance(100);
  expect(times).toEqual([20, 40, 60, 80, 100]);
  expect(ticker.latenessMs()).toEqual({ p50: 0, p99: 0 });
});

test('a late beat does not move the later ones, and missed beats are made up for at once', () => {
  const { clock, fire } = createLateClock(1);
  let ticks = 0;
  const ticker = startTicker(clock, () => {
    ticks += 1;
  });
  fire(33);
  expect(ticks).toBe(1);
  fire(40);
  expect(ticks).toBe(2);
  fire(200);
  expect(ticks).toBe(10);
  expect(ticker.latenessMs().p99).toBe(140);
});

test('a line faster than the wall stands still during a stall instead of bursting', () => {
  const { clock, fire } = createLateClock(10);
  let ticks = 0;
  startTicker(clock, () => {
    ticks += 1;
  });
  fire(4000);
  expect(ticks).toBe(3);
  fire(4040);
  fire(4060);
  expect(ticks).toBe(7);
});
