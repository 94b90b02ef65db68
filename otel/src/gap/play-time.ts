import type { GapSource } from '../conventions/index.ts';
import type { Passage } from '../media/passages.ts';
import type { CarrierDelay } from '../media/playout-line.ts';

/** A first frame may wait so much longer than the least of this call before its mark counts as late; milliseconds. */
const LATE_MS = 120;
/** The same for a call in which nothing is known yet. */
const LATE_UNKNOWN_MS = 500;
/** What the carrier takes when no mark has told: it is between nothing and this. */
const CARRIER_UNKNOWN_MS = 300;
/** Above the largest delay of the call's other turns. */
const CARRIER_MARGIN_MS = 40;

/** When the caller began to hear something: monotonic (and, from the media clock, media time), and how far the truth may be. */
export type PlayTime = {
  readonly source: Exclude<GapSource, 'none'>;
  readonly atMs: number;
  readonly mediaMs?: number | undefined;
  readonly uncertaintyMs: number;
};

/** The first audible frame of something said. Monotonic milliseconds. */
export type FirstSound = {
  readonly sentAtMs: number;
  /** The line had played everything before it by then. */
  readonly freeAtMs: number;
};

/** A mark that came back unflushed: when the line passed it, and how much audio lies between the first sound and it. */
export type Evidence = {
  readonly passage: Passage;
  /** Real milliseconds. */
  readonly aheadMs: number;
  /** Media milliseconds. */
  readonly aheadMediaMs: number;
  /** The mark follows the sound closely; a later one also contains every hole in between. */
  readonly isClose: boolean;
};

/**
 * When the sound began to play, from the mark behind it. A mark that comes back later than the sound can have waited is
 * either a slow line or a slow mark: the truth is then anywhere between, and the uncertainty says so.
 */
export function playTimeFromMark(
  sound: FirstSound,
  { passage, aheadMs, aheadMediaMs, isClose }: Evidence,
  carrier: CarrierDelay,
): PlayTime {
  const atMs = passage.atMs - aheadMs;
  const startedMs = Math.max(sound.sentAtMs, sound.freeAtMs);
  const leastMs = carrier.leastMs;
  const waitedMs = atMs - startedMs;
  const limitMs = leastMs === undefined ? LATE_UNKNOWN_MS : leastMs + LATE_MS;
  if (waitedMs > limitMs || !isClose) {
    const earliestMs = startedMs + (waitedMs > limitMs ? (leastMs ?? 0) : 0);
    const latestMs = Math.max(earliestMs, atMs + passage.uncertaintyMs);
    const halfMs = (latestMs - earliestMs) / 2;
    return { source: 'mark_ack', atMs: earliestMs + halfMs, uncertaintyMs: halfMs + passage.uncertaintyMs };
  }
  const { source, mediaMs, uncertaintyMs } = passage;
  return { source, atMs, uncertaintyMs, mediaMs: mediaMs === undefined ? undefined : mediaMs - aheadMediaMs };
}

/** When nothing came back: not before it was sent, and the uncertainty says how long the carrier takes in this call. */
export function playTimeFromSending(sound: FirstSound, carrier: CarrierDelay): PlayTime {
  const { largestMs } = carrier;
  return {
    source: 'send',
    atMs: Math.max(sound.sentAtMs, sound.freeAtMs),
    uncertaintyMs: largestMs === undefined ? CARRIER_UNKNOWN_MS : largestMs + CARRIER_MARGIN_MS,
  };
}
