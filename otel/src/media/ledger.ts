import type { CallTrace } from '../call/call.ts';
import { Attr, Metric } from '../conventions/index.ts';
import type { Instruments } from '../instruments.ts';
import type { MediaLine } from './media-line.ts';

/** What was counted on a media stream so far. Milliseconds are of media time, but jitter, stalls, delays and round trip of ours. */
export type MediaLedger = {
  readonly framesIn: number;
  readonly lostMs: number;
  readonly largestHoleMs: number;
  readonly reordered: number;
  readonly duplicated: number;
  readonly jitterMs: number;
  /** Over one value a second; undefined in the first second. */
  readonly jitterP95Ms: number | undefined;
  readonly stalls: number;
  readonly stalledMs: number;
  /** Above 0 when the line's clock runs faster than ours; undefined before 20 s. */
  readonly driftPpm: number | undefined;
  /** Messages and frames that made no sense. */
  readonly badMessages: number;
  /** How often the line's clock was set. */
  readonly clockJumps: number;
  readonly audioSentMs: number;
  /** The bot's marks and the kit's. */
  readonly marksSent: number;
  readonly marksAcked: number;
  readonly marksFlushed: number;
  readonly marksMissed: number;
  readonly markAckDelayMaxMs: number | undefined;
  /** Of the last mark that found the line silent, else the least of the socket alone. */
  readonly roundTripMs: number | undefined;
};

/** The figures of a stream on which nothing was counted. */
export const EMPTY_LEDGER: MediaLedger = {
  framesIn: 0,
  lostMs: 0,
  largestHoleMs: 0,
  reordered: 0,
  duplicated: 0,
  jitterMs: 0,
  jitterP95Ms: undefined,
  stalls: 0,
  stalledMs: 0,
  driftPpm: undefined,
  badMessages: 0,
  clockJumps: 0,
  audioSentMs: 0,
  marksSent: 0,
  marksAcked: 0,
  marksFlushed: 0,
  marksMissed: 0,
  markAckDelayMaxMs: undefined,
  roundTripMs: undefined,
};

/** The figures of a line now. */
export function ledgerOf({ inbound, marks, playout, carrier, clock, badMessages }: MediaLine): MediaLedger {
  return {
    framesIn: inbound.framesIn,
    lostMs: inbound.lostMs,
    largestHoleMs: inbound.largestHoleMs,
    reordered: inbound.reordered,
    duplicated: inbound.duplicated,
    jitterMs: inbound.jitter.jitterMs,
    jitterP95Ms: inbound.jitter.p95Ms,
    stalls: inbound.stalls,
    stalledMs: inbound.stalledMs,
    driftPpm: clock.driftPpm,
    badMessages,
    clockJumps: inbound.clockJumps,
    audioSentMs: playout.sentMs,
    marksSent: marks.sent,
    marksAcked: marks.acked,
    marksFlushed: marks.flushed,
    marksMissed: marks.missed,
    markAckDelayMaxMs: marks.ackDelayMaxMs,
    roundTripMs: carrier.roundTripMs,
  };
}

type Place = { readonly call: CallTrace; readonly instruments: Instruments; readonly closeCode: number | undefined };

/** Writes the figures of a line on its call, and the metric of what was lost. */
export function recordLedger(line: MediaLine, { call, instruments, closeCode }: Place): void {
  const ledger = ledgerOf(line);
  const optional = {
    [Attr.mediaJitterP95Ms]: ledger.jitterP95Ms,
    [Attr.mediaDriftPpm]: ledger.driftPpm,
    [Attr.markAckDelayMaxMs]: ledger.markAckDelayMaxMs,
    [Attr.closeCode]: closeCode,
  };
  const known = Object.entries(optional).flatMap(([key, value]) => (value === undefined ? [] : [[key, round(value)]]));
  call.setAttributes({
    [Attr.framesIn]: ledger.framesIn,
    [Attr.mediaLostMs]: round(ledger.lostMs),
    [Attr.mediaGapMaxMs]: round(ledger.largestHoleMs),
    [Attr.mediaReordered]: ledger.reordered,
    [Attr.mediaDuplicated]: ledger.duplicated,
    [Attr.mediaStalledMs]: round(ledger.stalledMs),
    [Attr.marksMissed]: ledger.marksMissed,
    [Attr.badFrames]: ledger.badMessages,
    ...Object.fromEntries(known),
  });
  if (ledger.lostMs > 0) instruments.record(Metric.mediaLost, ledger.lostMs / 1000);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
