import { SIGNALS, type Signal } from './protocol.ts';

/** How items went on after they had been stored: stored = delivered + pending + dead, until some go past the spool. */
export const STATES = ['stored', 'delivered', 'pending', 'dead'] as const;
/** One of them. */
export type State = (typeof STATES)[number];

/** Why a trace lacks spans: bounds or a full disk, refused by the receiver, a damaged file, never written and not delivered. */
export const LOSSES = ['dropped', 'refused', 'damaged', 'not_stored'] as const;
/** One of them. */
export type Loss = (typeof LOSSES)[number];

/** `handled`: batches that the thread has dealt with, stored or not. */
export type Cell = 'handled' | `${Signal}.${State}` | `incomplete.${Loss}`;

const CELLS: readonly Cell[] = [
  'handled',
  ...SIGNALS.flatMap((signal) => STATES.map((state): Cell => `${signal}.${state}`)),
  ...LOSSES.map((loss): Cell => `incomplete.${loss}`),
];
const INDEX = new Map(CELLS.map((cell, index) => [cell, index]));

/** Figures in memory that both threads see, so that reading them costs no message. */
export type Counters = {
  readonly buffer: SharedArrayBuffer;
  get(cell: Cell): number;
  add(cell: Cell, by: number): void;
  /** Blocks the calling thread until the cell has reached a value. @returns whether it has, within the time */
  waitFor(cell: Cell, value: number, timeoutMs: number): boolean;
};

/** @param buffer of the other thread; unset: new ones, all 0 */
export function createCounters(buffer?: SharedArrayBuffer): Counters {
  const cells = new BigInt64Array(buffer ?? new SharedArrayBuffer(CELLS.length * BigInt64Array.BYTES_PER_ELEMENT));
  const at = (cell: Cell) => INDEX.get(cell) ?? 0;
  const get = (cell: Cell) => Number(Atomics.load(cells, at(cell)));
  return {
    buffer: cells.buffer as SharedArrayBuffer,
    get,
    add(cell, by) {
      Atomics.add(cells, at(cell), BigInt(by));
      Atomics.notify(cells, at(cell));
    },
    waitFor(cell, value, timeoutMs) {
      const until = performance.now() + timeoutMs;
      for (let now = get(cell); now < value; now = get(cell)) {
        const leftMs = until - performance.now();
        if (leftMs <= 0) return false;
        Atomics.wait(cells, at(cell), BigInt(now), leftMs);
      }
      return true;
    },
  };
}
