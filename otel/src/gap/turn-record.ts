import type { OpenTurn } from '../call/observer.ts';
import type { EosSource, UnmeasuredReason } from '../conventions/index.ts';
import type { SpeechRun } from '../media/speech-runs.ts';
import type { GapPart } from './partition.ts';
import type { FirstSound } from './play-time.ts';
import { type StagesBehind, TurnStages } from './turn-stages.ts';

/** The first audible frame of a reply, and where it lies in what was sent. */
export type ReplySound = FirstSound & { readonly pos: number };

/** The end of the caller's speech. */
export type EndOfSpeech = {
  /** Continuous media time: the end of the last voiced frame. */
  readonly mediaMs: number;
  /** When that frame arrived, monotonic. */
  readonly arrivedAtMs: number;
  /** Frames are missing right after it: the truth is within this, either way; media milliseconds, 0 when none are. */
  readonly uncertaintyMs: number;
  /** How often the line's clock had been set by then. */
  readonly clockJumps: number;
};

/** A wait that was measured. Monotonic milliseconds. */
export type Gap = {
  readonly source: 'media_clock' | 'mark_ack' | 'send';
  readonly eosAtMs: number;
  readonly playedAtMs: number;
  readonly uncertaintyMs: number;
  /** Our process only: last voiced frame arrived to first audible media written. */
  readonly platformMs: number;
  readonly eosSource: EosSource;
  readonly parts: readonly GapPart[];
  readonly behind: StagesBehind;
  readonly isFiller: boolean;
  /** With a filler: the wait until the answer, when it was heard. */
  substantiveMs?: number;
};

/** The line was told to be silent. Monotonic milliseconds. */
export type Cleared = {
  readonly sentAtMs: number;
  /** When it was; a guess until a mark tells. */
  silentAtMs: number;
  isCertain: boolean;
};

/** What is known of a turn while it is open. */
export type TurnRecord = {
  readonly turn: OpenTurn;
  readonly stages: TurnStages;
  /** The caller's speech that belongs to it. */
  readonly runs: SpeechRun[];
  isSpeechOpen: boolean;
  isCommitted: boolean;
  committedAtMs?: number;
  eosSource: EosSource;
  eos?: EndOfSpeech;
  /** Media time at which the caller went on after the commit. */
  resumedMs?: number;
  first?: ReplySound;
  isFiller: boolean;
  hasFiller: boolean;
  answer?: ReplySound;
  outcome?: 'measured' | UnmeasuredReason;
  heldGap?: Gap;
  firstWriteAtMs?: number;
  /** Where its audio ends in what was sent. */
  sentToPos: number;
  /** The mark of it that came back last. */
  lastAck?: { readonly pos: number; readonly atMs: number };
  /** Media milliseconds. */
  sentMs: number;
  underrunMs: number;
  marks: { sent: number; acked: number; flushed: number };
  /** Media time: when the caller began to speak into this turn's audio. */
  bargeOnsetMs?: number;
  cleared?: Cleared;
  isBargeInTold: boolean;
};

/** The record of a turn of which nothing is known but its start. */
export function createTurnRecord(turn: OpenTurn): TurnRecord {
  return {
    turn,
    stages: new TurnStages(),
    runs: [],
    isSpeechOpen: false,
    isCommitted: false,
    eosSource: 'local_vad',
    isFiller: false,
    hasFiller: false,
    sentMs: 0,
    sentToPos: 0,
    underrunMs: 0,
    marks: { sent: 0, acked: 0, flushed: 0 },
    isBargeInTold: false,
  };
}

/** How a turn's audio was played; media milliseconds, instants monotonic. */
export type PlayoutFigures = {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly sentMs: number;
  readonly heardMs: number;
  readonly discardedMs: number;
  readonly underrunMs: number;
  readonly marks: TurnRecord['marks'];
};

/** The caller spoke into the bot's audio. Monotonic; durations of audio are media milliseconds. */
export type BargeIn = {
  readonly onsetAtMs: number;
  readonly clearSentAtMs: number | undefined;
  readonly silentAtMs: number;
  readonly sentMs: number;
  readonly heardMs: number;
  readonly discardedMs: number;
};

/** Told what was found out about turns, while they are open. All instants monotonic milliseconds. */
export type TurnReport = {
  speechBegan(turn: OpenTurn, onsetAtMs: number): void;
  speechEnded(turn: OpenTurn, endedAtMs: number): void;
  playoutBegan(turn: OpenTurn, startedAtMs: number): void;
  measured(turn: OpenTurn, gap: Gap): void;
  unmeasured(turn: OpenTurn, reason: UnmeasuredReason): void;
  bargedIn(turn: OpenTurn, bargeIn: BargeIn): void;
  /** The caller heard a hole; media milliseconds. */
  underrun(underrunMs: number): void;
  /** `playout` only when something was sent. */
  ended(turn: OpenTurn, playout: PlayoutFigures | undefined, endedAtMs: number): void;
};
