import type { Clock } from '../../../line/clock.ts';
import { createOrderedQueue, type OrderedQueue } from './ordered-queue.ts';
import { createStallSchedule, type StallSchedule } from './stall-schedule.ts';

/** `jitter`: the longest delay of a message of the line. `stall`: see StallSchedule. Left out: it does not happen. Milliseconds. */
export type NetworkOptions = {
  readonly clock: Clock;
  readonly jitter?: { readonly maxDelayMs: number; readonly random: () => number };
  readonly stall?: { readonly holdMs: number; readonly everyMs: number; readonly random: () => number };
};

/** What the network did to messages, milliseconds. */
export type NetworkFigures = {
  readonly jitter: { readonly count: number; readonly largestDelayMs: number; readonly meanDelayMs: number };
  readonly stall: {
    readonly count: number;
    readonly heldFromLine: number;
    readonly heldFromBot: number;
    readonly largestDelayMs: number;
  };
};

/** The way between the line and the bot, one a call. */
export type Network = {
  /** The two directions of a new socket. `finish` runs something after all that is under way to the bot; `close` drops what is under way. */
  connect(): {
    fromLine(run: () => void): void;
    fromBot(run: () => void): void;
    finish(run: () => void): Promise<void>;
    close(): void;
  };
  figures(): NetworkFigures;
};

const tenths = (value: number) => Math.round(value * 10) / 10;

/** A network that keeps order, as one TCP connection does: a message that is late makes those behind it late. */
export function createNetwork({ clock, jitter, stall }: NetworkOptions): Network {
  const delays = createJitter(jitter);
  const holds = createHolds(stall);
  let startMs: number | null = null;
  return {
    connect() {
      startMs ??= clock.now();
      const originMs = startMs;
      const toBot = createOrderedQueue(clock);
      const toLine = createOrderedQueue(clock);
      const pushWhen = (queue: OrderedQueue, dueOf: (atMs: number) => number, run: () => void) => {
        const now = clock.now();
        const atMs = now - originMs;
        // What is not delayed must not become late by a rounding error.
        queue.push(now + Math.max(0, dueOf(atMs) - atMs), run);
      };
      return {
        fromLine: (run) => pushWhen(toBot, (atMs) => holds.hold(delays.delay(atMs), 'line'), run),
        fromBot: (run) => pushWhen(toLine, (atMs) => holds.hold(atMs, 'bot'), run),
        finish(run) {
          pushWhen(toBot, holds.peek, run);
          return toBot.whenEmpty();
        },
        close() {
          toBot.close();
          toLine.close();
        },
      };
    },
    figures: () => ({ jitter: delays.figures(), stall: holds.figures() }),
  };
}

function createJitter(options: NetworkOptions['jitter']) {
  let lastDueMs = 0;
  let count = 0;
  let largestMs = 0;
  let sumMs = 0;
  return {
    delay(atMs: number): number {
      if (!options) return atMs;
      lastDueMs = Math.max(lastDueMs, atMs + options.random() * options.maxDelayMs);
      const delayMs = lastDueMs - atMs;
      if (delayMs > 0) count += 1;
      largestMs = Math.max(largestMs, delayMs);
      sumMs += delayMs;
      return lastDueMs;
    },
    figures: () => ({ count, largestDelayMs: tenths(largestMs), meanDelayMs: tenths(count > 0 ? sumMs / count : 0) }),
  };
}

function createHolds(options: NetworkOptions['stall']) {
  const schedule: StallSchedule | null = options
    ? createStallSchedule(options.holdMs, options.everyMs, options.random)
    : null;
  const held = { line: 0, bot: 0 };
  // A stall is known by when it ends.
  const felt = new Set<number>();
  let largestMs = 0;
  const peek = (atMs: number) => schedule?.releaseAt(atMs) ?? atMs;
  return {
    peek,
    hold(atMs: number, from: 'line' | 'bot'): number {
      const dueMs = peek(atMs);
      if (dueMs > atMs) {
        held[from] += 1;
        felt.add(dueMs);
      }
      largestMs = Math.max(largestMs, dueMs - atMs);
      return dueMs;
    },
    figures: () => ({
      count: felt.size,
      heldFromLine: held.line,
      heldFromBot: held.bot,
      largestDelayMs: tenths(largestMs),
    }),
  };
}
