import type { Clock } from '../../../line/clock.ts';

/** `clock` seen from a clock that runs `ppm` millionths faster: the media clock of a line whose crystal is off. */
export function createDriftingClock(clock: Clock, ppm: number): Clock {
  if (ppm === 0) return clock;
  const rate = 1 + ppm / 1e6;
  return {
    speed: clock.speed,
    now: () => clock.now() * rate,
    after: (delayMs, run, options) => clock.after(delayMs / rate, run, options),
    delay: (delayMs, signal) => clock.delay(delayMs / rate, signal),
  };
}
