import type { MediaLine } from '../media/media-line.ts';
import type { PlayoutFigures, TurnRecord, TurnReport } from './turn-record.ts';

/** A turn that was begun so long before the clear (monotonic milliseconds) began for another reason. */
const FALLBACK_MS = 1000;

/** How the audio of a turn that ends was played; undefined when none was sent. `isCut`: what has not been played never will be. */
export function playoutOf(
  line: MediaLine,
  record: TurnRecord,
  { endedAtMs, isCut }: { readonly endedAtMs: number; readonly isCut: boolean },
): PlayoutFigures | undefined {
  const { firstWriteAtMs, sentMs, cleared } = record;
  if (firstWriteAtMs === undefined) return undefined;
  const silentAtMs = cleared?.silentAtMs ?? endedAtMs;
  const playedMs = line.playout.playedMs(record.turn.index, silentAtMs);
  const heardMs = cleared || isCut ? Math.min(sentMs, playedMs) : sentMs;
  const { idleFromMs } = line.playout;
  const expectedMs = Math.min(endedAtMs, Number.isFinite(idleFromMs) ? idleFromMs : endedAtMs);
  return {
    startedAtMs: firstWriteAtMs,
    endedAtMs: Math.max(firstWriteAtMs, cleared ? silentAtMs : (lastAckOf(record) ?? expectedMs)),
    sentMs,
    heardMs,
    discardedMs: sentMs - heardMs,
    underrunMs: record.underrunMs,
    marks: record.marks,
  };
}

/** When a mark came back that lay behind all of the turn's audio; one in its middle says nothing of its end. */
function lastAckOf({ lastAck, sentToPos }: TurnRecord): number | undefined {
  return lastAck && lastAck.pos >= sentToPos ? lastAck.atMs : undefined;
}

/**
 * Tells of the caller who spoke into this turn's audio, once.
 * @param fallbackAtMs monotonic onset when the caller's own was not found
 */
export function tellBargeIn(line: MediaLine, record: TurnRecord, report: TurnReport, fallbackAtMs?: number): void {
  const { cleared, turn, bargeOnsetMs } = record;
  const isNear = fallbackAtMs !== undefined && cleared !== undefined && cleared.sentAtMs - fallbackAtMs < FALLBACK_MS;
  const ownAtMs = bargeOnsetMs === undefined ? undefined : line.clock.toCall(bargeOnsetMs);
  const onsetAtMs = ownAtMs ?? (isNear ? fallbackAtMs : undefined);
  const silentAtMs = cleared?.silentAtMs ?? line.playout.idleFromMs;
  const heardMs = Math.min(record.sentMs, line.playout.playedMs(turn.index, silentAtMs));
  if (record.isBargeInTold || onsetAtMs === undefined || heardMs <= 0) return;
  record.isBargeInTold = true;
  report.bargedIn(turn, {
    onsetAtMs,
    clearSentAtMs: cleared?.sentAtMs,
    silentAtMs: Math.max(onsetAtMs, silentAtMs),
    sentMs: record.sentMs,
    heardMs,
    discardedMs: record.sentMs - heardMs,
  });
}
