import { TICK_MS } from '../playout.ts';

/** What happens to marks on their way back, before they are numbered. */
export type MarkFaults = {
  /** A mark whose audio was played or cleared; `send` numbers and sends it. */
  pass(send: () => void): void;
  /** One tick of the line: marks whose delay is over are sent. */
  tick(): void;
  /** Forgets the marks that wait: their stream is over. */
  clear(): void;
  figures(): { readonly marks: number; readonly dropped: number; readonly delayed: number };
};

/** `delayMs` counts ticks of 20 ms, begun ones whole. `lost`: one mark in `oneIn` never comes back. */
export function createMarkFaults(
  delayMs: number,
  lost: { readonly oneIn: number; readonly random: () => number } | undefined,
): MarkFaults {
  const delayTicks = Math.ceil(delayMs / TICK_MS);
  let waiting: { dueTick: number; send: () => void }[] = [];
  let ticks = 0;
  let marks = 0;
  let dropped = 0;
  let delayed = 0;
  return {
    pass(send) {
      marks += 1;
      if (lost && lost.random() * lost.oneIn < 1) {
        dropped += 1;
        return;
      }
      if (delayTicks === 0) return send();
      delayed += 1;
      waiting.push({ dueTick: ticks + delayTicks, send });
      return undefined;
    },
    tick() {
      ticks += 1;
      for (let head = waiting[0]; head && head.dueTick <= ticks; head = waiting[0]) {
        waiting.shift();
        head.send();
      }
    },
    clear() {
      waiting = [];
    },
    figures: () => ({ marks, dropped, delayed }),
  };
}
