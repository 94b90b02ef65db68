import type { Clock } from '../../line/clock.ts';
import type { Playout } from './ports.ts';

const FRAME_MS = 20;

/** What was sent, marked, heard and thrown away in one stretch of the bot's speech. */
export type Ledger = {
  /** Audio sent so far. */
  readonly sentMs: number;
  /** Audio sent since the pace began. */
  readonly pacedMs: number;
  readonly marksPending: number;
  /** When the audio sent so far will have been played, if the line plays without a break. */
  readonly playingUntilMs: number;
  /** When the first frame began to play, once its mark came back. */
  readonly startedAtMs: number | undefined;
  restartPace(): void;
  /** Notes sent audio; the name of the mark to send right after it, for the very first piece. */
  sentAudio(durationMs: number): string | undefined;
  /** Notes the end of a sentence; the name of its mark. */
  sentSentence(text: string): string;
  /** A mark came back; false when it is not one of these. */
  ack(name: string, afterClear: boolean): boolean;
  result(cleared: boolean, endedAtMs: number): Playout;
};

type Mark = { readonly endMs: number; readonly text: string; state: 'pending' | 'acked' | 'flushed' };

/** @param label unique in the call: marks of one speech must not be taken for another's */
export function createLedger(label: string, clock: Clock): Ledger {
  const marks = new Map<string, Mark>();
  const createdAtMs = clock.now();
  let sentMs = 0;
  let pacedFromMs = 0;
  let playingUntilMs = 0;
  let firstSentAtMs: number | undefined;
  let startedAtMs: number | undefined;

  const count = (state: Mark['state']) => [...marks.values()].filter((mark) => mark.state === state).length;
  const addMark = (name: string, text: string) => {
    marks.set(name, { endMs: sentMs, text, state: 'pending' });
    return name;
  };
  const heardMsUntil = (atMs: number) => {
    const acked = Math.max(
      0,
      ...[...marks.values()].filter((mark) => mark.state === 'acked').map((mark) => mark.endMs),
    );
    const played = startedAtMs === undefined ? 0 : Math.min(sentMs, atMs - startedAtMs);
    return Math.max(acked, played);
  };

  return {
    get sentMs() {
      return sentMs;
    },
    get pacedMs() {
      return sentMs - pacedFromMs;
    },
    get marksPending() {
      return count('pending');
    },
    get playingUntilMs() {
      return playingUntilMs;
    },
    get startedAtMs() {
      return startedAtMs;
    },
    restartPace() {
      pacedFromMs = sentMs;
    },
    sentAudio(durationMs) {
      const first = sentMs === 0;
      const now = clock.now();
      firstSentAtMs ??= now;
      sentMs += durationMs;
      playingUntilMs = Math.max(playingUntilMs, now) + durationMs;
      return first ? addMark(`${label}.start`, '') : undefined;
    },
    sentSentence: (text) => addMark(`${label}.s${marks.size}`, text),
    ack(name, afterClear) {
      const mark = marks.get(name);
      if (mark?.state !== 'pending') return false;
      mark.state = afterClear ? 'flushed' : 'acked';
      // The echo of the first frame's mark comes when that frame has been played.
      if (!afterClear && startedAtMs === undefined) startedAtMs = clock.now() - FRAME_MS;
      return true;
    },
    result(cleared, endedAtMs) {
      const heardMs = cleared ? heardMsUntil(endedAtMs) : sentMs;
      return {
        startedAtMs: startedAtMs ?? firstSentAtMs ?? createdAtMs,
        endedAtMs,
        sentMs,
        heardMs,
        discardedMs: sentMs - heardMs,
        marksSent: marks.size,
        marksAcked: count('acked'),
        marksFlushed: count('flushed'),
        heardText: heardText([...marks.values()], heardMs),
        cleared,
      };
    },
  };
}

/** The words whose audio was heard; of a sentence cut in the middle, the share of its words that was played. */
function heardText(marks: readonly Mark[], heardMs: number): string {
  const words: string[] = [];
  let startMs = 0;
  for (const mark of marks.filter((candidate) => candidate.text !== '')) {
    const spoken = mark.text.split(/\s+/);
    const share = mark.endMs <= startMs ? 1 : (heardMs - startMs) / (mark.endMs - startMs);
    words.push(...spoken.slice(0, Math.floor(spoken.length * Math.min(1, Math.max(0, share)))));
    startMs = mark.endMs;
  }
  return words.join(' ');
}
