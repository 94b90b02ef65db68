import type { UnmeasuredReason } from '../conventions/index.ts';
import type { MediaLine } from '../media/media-line.ts';
import { MAX_HOLE_MS } from '../media/passages.ts';
import { partitionGap } from './partition.ts';
import { type PlayTime, playTimeFromSending } from './play-time.ts';
import type { Gap, ReplySound, TurnRecord } from './turn-record.ts';

/** A wait outside these bounds is nonsense, whatever measured it. */
const LONGEST_GAP_MS = 60_000;
/** A reply that begins so shortly before the end of speech answers it without a wait; more is talking over the caller. */
const OVERLAP_MS = 40;
/** Speech that outlasts its end by more than a frame or two is speech again. */
const RESUMED_MS = 60;
/** A jump of the line's clock is bridged by ours, this exactly. */
const JUMP_UNCERTAINTY_MS = 40;

/** Milliseconds (ours) from the end of the caller's speech to an instant of playing; media time where both lie in it. */
function waitUntil(
  line: MediaLine,
  record: TurnRecord,
  play: PlayTime,
): { readonly waitMs: number; readonly isBridged: boolean } {
  const { eos } = record;
  if (!eos) return { waitMs: Number.NaN, isBridged: false };
  const isOneClock = play.mediaMs !== undefined && eos.clockJumps === line.inbound.clockJumps;
  if (isOneClock && play.mediaMs !== undefined)
    return { waitMs: (play.mediaMs - eos.mediaMs) / line.rate, isBridged: false };
  return { waitMs: play.atMs - line.clock.toCall(eos.mediaMs), isBridged: play.mediaMs !== undefined };
}

/** The wait of a turn whose reply began to play, or why it is none. */
export function measureGap(line: MediaLine, record: TurnRecord, play: PlayTime): Gap | UnmeasuredReason {
  const { eos, first } = record;
  if (!eos || !first) return 'bot_first';
  const { waitMs, isBridged } = waitUntil(line, record, play);
  const uncertaintyMs = play.uncertaintyMs + eos.uncertaintyMs / line.rate + (isBridged ? JUMP_UNCERTAINTY_MS : 0);
  const isRough = isBridged || eos.uncertaintyMs > MAX_HOLE_MS / 2;
  const mediaWaitMs = waitMs * line.rate;
  if (hasResumed(record, eos.mediaMs + mediaWaitMs)) return 'caller_resumed';
  if (!(mediaWaitMs >= -OVERLAP_MS - uncertaintyMs * line.rate && mediaWaitMs <= LONGEST_GAP_MS)) return 'insane';
  const spanMs = Math.max(0, waitMs);
  // The clocks may lie a little apart; that it was sent before it was heard is certain.
  const playedAtMs = Math.max(line.clock.toCall(eos.mediaMs) + spanMs, first.earliestMs);
  const eosAtMs = playedAtMs - spanMs;
  const behind = record.stages.behind(first.sentAtMs);
  return {
    source: isRough && play.source === 'media_clock' ? 'mark_ack' : play.source,
    eosAtMs,
    playedAtMs,
    uncertaintyMs,
    platformMs: Math.max(0, first.sentAtMs - eos.arrivedAtMs),
    eosSource: record.eosSource,
    parts: partitionGap({
      eosMs: eosAtMs,
      committedMs: record.committedAtMs,
      ...behind.points,
      sentMs: first.sentAtMs,
      playedMs: playedAtMs,
    }),
    behind,
    isFiller: record.hasFiller,
  };
}

/** The wait until the answer behind a filler, milliseconds; undefined when that is nonsense. */
export function measureSubstantive(line: MediaLine, record: TurnRecord, play: PlayTime): number | undefined {
  const { waitMs } = waitUntil(line, record, play);
  return waitMs >= 0 && waitMs * line.rate <= LONGEST_GAP_MS ? waitMs : undefined;
}

/** For a turn whose wait is not known yet: false once the caller speaks again, or the reply is due on the line. */
export function isStillWaiting(record: TurnRecord, nowMs: number): boolean {
  const { first } = record;
  return !hasResumed(record, Number.POSITIVE_INFINITY) && !(first && first.earliestMs <= nowMs);
}

/** What remains to be said of a turn that ends with no mark having told of its reply. */
export function concludeGap(line: MediaLine, record: TurnRecord, endedAtMs: number): Gap | UnmeasuredReason {
  if (line.inbound.framesIn === 0) return 'no_media';
  if (!record.eos) return 'bot_first';
  const { first, cleared } = record;
  if (!first) return record.resumedMs === undefined ? 'no_reply' : 'caller_resumed';
  const silencedAtMs = cleared?.sentAtMs ?? endedAtMs;
  if (startedAtLatest(line, first) > silencedAtMs) return cleared ? 'barge_in_before_audio' : 'no_reply';
  return measureGap(line, record, playTimeFromSending(first, line.carrier));
}

function startedAtLatest(line: MediaLine, sound: ReplySound): number {
  return sound.earliestMs + (line.carrier.largestMs ?? 0);
}

function hasResumed(record: TurnRecord, playedMs: number): boolean {
  const { eos, runs, resumedMs } = record;
  if (resumedMs !== undefined && resumedMs < playedMs) return true;
  const last = runs.at(-1);
  return record.isCommitted && eos !== undefined && last !== undefined && last.endMs > eos.mediaMs + RESUMED_MS;
}
