import type { GapSource } from '../conventions/index.ts';
import type { Passage } from '../media/passages.ts';
import type { CarrierDelay } from '../media/playout-line.ts';

/** The least delay that was seen may have been this much above the least there is. */
const LEAST_MARGIN_MS = 20;
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
  /** The message with it was sent. */
  readonly sentAtMs: number;
  /** On a line without any delay it is heard then: after what was queued before it, and after the silence it begins with. */
  readonly earliestMs: number;
  /** Nothing was queued before it. */
  readonly wasIdle: boolean;
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
  const { leastMs } = carrier;
  const isLate = carrier.isLate(atMs - sound.earliestMs);
  if (isLate || !isClose) {
    const fromMs = sound.earliestMs + Math.max(0, (leastMs ?? 0) - LEAST_MARGIN_MS);
    const toMs = Math.max(fromMs, atMs + passage.uncertaintyMs);
    const halfMs = (toMs - fromMs) / 2;
    return { source: 'mark_ack', atMs: fromMs + halfMs, uncertaintyMs: halfMs + passage.uncertaintyMs };
  }
  const { source, mediaMs, uncertaintyMs } = passage;
  return { source, atMs, uncertaintyMs, mediaMs: mediaMs === undefined ? undefined : mediaMs - aheadMediaMs };
}

/** When nothing came back: not before it was sent, and the uncertainty says how long the carrier takes in this call. */
export function playTimeFromSending(sound: FirstSound, carrier: CarrierDelay): PlayTime {
  const { largestMs } = carrier;
  return {
    source: 'send',
    atMs: sound.earliestMs,
    uncertaintyMs: largestMs === undefined ? CARRIER_UNKNOWN_MS : largestMs + CARRIER_MARGIN_MS,
  };
}
