import type { Clock } from '../../services/line/clock.ts';

/** A clock that stands still until it is told to go on. */
export type FakeClock = Clock & {
  /** Lets `ms` pass, running what is due in order, and lets promises settle in between. */
  advance(ms: number): Promise<void>;
};

export function createFakeClock(): FakeClock {
  let now = 0;
  let nextId = 0;
  const timers = new Map<number, { dueMs: number; run: () => void }>();
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const clock: FakeClock = {
    speed: 1,
    now: () => now,
    after(delayMs, run) {
      const id = nextId;
      nextId += 1;
      timers.set(id, { dueMs: now + delayMs, run });
      return () => void timers.delete(id);
    },
    delay: (delayMs) => new Promise((resolve) => clock.after(delayMs, resolve)),
    async advance(ms) {
      const endMs = now + ms;
      for (;;) {
        await settle();
        const due = [...timers].filter(([, timer]) => timer.dueMs <= endMs).sort((a, b) => a[1].dueMs - b[1].dueMs)[0];
        if (!due) break;
        timers.delete(due[0]);
        now = Math.max(now, due[1].dueMs);
        due[1].run();
      }
      now = endMs;
      await settle();
    },
  };
  return clock;
}
