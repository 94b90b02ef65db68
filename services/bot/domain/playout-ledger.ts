import type { Clock } from '../../line/clock.ts';
import type { Playout } from './ports.ts';

const FRAME_MS = 20;

/** What was sent, marked, heard and thrown away in one stretch of the bot's speech. */
export type Ledger = {
  /** Audio sent so far. */
  readonly sentMs: number;
  /** Of it, what belongs to the sentence whose end was not sent yet. */
  readonly sentOfSentenceMs: number;
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
  /** The first sentence that will not be finished: its words take `totalMs` of audio, sent or not. */
  cutSentence(text: string, totalMs: number): void;
  /** A mark came back; false when it is not one of these. */
  ack(name: string, afterClear: boolean): boolean;
  result(cleared: boolean, endedAtMs: number): Playout;
};

/** A sentence and where its audio ends. */
type Sentence = { readonly endMs: number; readonly text: string };
type Mark = Sentence & { state: 'pending' | 'acked' | 'flushed' };

/** @param label unique in the call: marks of one speech must not be taken for another's */
export function createLedger(label: string, clock: Clock): Ledger {
  const marks = new Map<string, Mark>();
  const createdAtMs = clock.now();
  let sentMs = 0;
  let pacedFromMs = 0;
  let playingUntilMs = 0;
  let firstSentAtMs: number | undefined;
  let startedAtMs: number | undefined;
  let sentencesEndMs = 0;
  let cut: Sentence | undefined;

  const count = (state: Mark['state']) => [...marks.values()].filter((mark) => mark.state === state).length;
  const addMark = (name: string, text: string) => {
    marks.set(name, { endMs: sentMs, text, state: 'pending' });
    return name;
  };

  return {
    get sentMs() {
      return sentMs;
    },
    get sentOfSentenceMs() {
      return sentMs - sentencesEndMs;
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
    sentSentence(text) {
      sentencesEndMs = sentMs;
      return addMark(`${label}.s${marks.size}`, text);
    },
    cutSentence(text, totalMs) {
      cut ??= { text, endMs: sentencesEndMs + totalMs };
    },
    ack(name, afterClear) {
      const mark = marks.get(name);
      if (mark?.state !== 'pending') return false;
      mark.state = afterClear ? 'flushed' : 'acked';
      // The echo of the first frame's mark comes when that frame has been played.
      if (!afterClear && startedAtMs === undefined) startedAtMs = clock.now() - FRAME_MS;
      return true;
    },
    result(cleared, endedAtMs) {
      const sent = { sentMs, playingUntilMs, firstSentAtMs, startedAtMs };
      const heardMs = cleared ? Math.max(ackedMs([...marks.values()]), playedMs(sent, endedAtMs)) : sentMs;
      return {
        startedAtMs: startedAtMs ?? firstSentAtMs ?? createdAtMs,
        endedAtMs,
        sentMs,
        heardMs,
        discardedMs: sentMs - heardMs,
        marksSent: marks.size,
        marksAcked: count('acked'),
        marksFlushed: count('flushed'),
        heardText: heardText([...marks.values(), ...(cut ? [cut] : [])], heardMs),
        cleared,
      };
    },
  };
}

function ackedMs(marks: readonly Mark[]): number {
  return Math.max(0, ...marks.filter(({ state }) => state === 'acked').map(({ endMs }) => endMs));
}

type Sent = {
  readonly sentMs: number;
  readonly playingUntilMs: number;
  readonly firstSentAtMs: number | undefined;
  readonly startedAtMs: number | undefined;
};

/** Counted back from the instant at which all of it will have been played: a hole before the last audio is no speech. */
function playedMs({ sentMs, playingUntilMs, firstSentAtMs, startedAtMs }: Sent, atMs: number): number {
  if (startedAtMs === undefined || firstSentAtMs === undefined) return 0;
  const delayMs = Math.max(0, startedAtMs - firstSentAtMs);
  return sentMs - Math.min(sentMs, Math.max(0, playingUntilMs + delayMs - atMs));
}

/** The words whose audio was heard; of a sentence cut in the middle, the share of its words that was played. */
function heardText(sentences: readonly Sentence[], heardMs: number): string {
  const words: string[] = [];
  let startMs = 0;
  for (const { text, endMs } of sentences.filter((candidate) => candidate.text !== '')) {
    const spoken = text.split(/\s+/);
    const share = endMs <= startMs ? 1 : (heardMs - startMs) / (endMs - startMs);
    words.push(...spoken.slice(0, Math.floor(spoken.length * Math.min(1, Math.max(0, share)))));
    startMs = endMs;
  }
  return words.join(' ');
}
