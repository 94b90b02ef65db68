import type { Context } from '@opentelemetry/api';
import type { CallTrace } from '../call/call.ts';
import type { CallObserver, OpenStage } from '../call/observer.ts';
import type { TurnTrace } from '../call/turn.ts';
import { type EosSource, ErrorType, type ErrorTypeName, Stage } from '../conventions/index.ts';
import { BYTES_PER_MS, FRAME_MS, firstAudibleByte } from '../media/mulaw.ts';
import { SpeechRuns } from '../media/speech-runs.ts';
import type { VoiceActivity } from '../media/voice-activity.ts';
import { ArrivalTimes } from './arrival-times.ts';
import { OutstandingMarks } from './outstanding-marks.ts';

/** Media milliseconds of silence after the last sound of a reply with which its turn is over, when nobody works for it. */
const QUIET_MS = 1500;
/** Media milliseconds that the line takes to play what was sent. */
const LINE_MS = 250;
/** A mark behind a sound that has not come back says that it may still be playing, so much later than it should; media milliseconds. */
const MARK_MS = 500;
/** A bot with a fast ear stops speaking so long before the onset is certain here; media milliseconds. */
const EARLY_CUT_MS = 500;

/**
 * What turns are inferred with. `rate`: media milliseconds per millisecond of our clock. `lookEveryMs`: no frame waits
 * longer for others before it is heard, milliseconds of a telephone.
 */
export type TurnInferenceOptions = {
  readonly call: Pick<CallTrace, 'startTurn' | 'context' | 'clock'>;
  readonly rate: number;
  readonly lookEveryMs: number;
  /** The bot's first sound goes out, or the caller spoke before it; monotonic milliseconds. Once. */
  readonly onOpened?: (atMs: number) => void;
  /** Has every frame of the caller heard that has come: what the bot does now, it does after them. */
  readonly listenNow?: () => void;
};

type InferredTurn = {
  readonly trace: TurnTrace;
  /** The caller's speech began it. */
  readonly isCallers: boolean;
  isCommitted: boolean;
  /** Monotonic: its first sound was sent. */
  firstSentAtMs?: number;
  /** Monotonic: its last sound so far will have been played then. */
  playedOutAtMs: number;
  /** A mark of the bot follows that sound. */
  isMarked: boolean;
  openStages: number;
  /** Monotonic: the bot stopped speaking before the end. */
  cutAtMs?: number;
};

/**
 * Finds the turns of a bot that tells of none. A turn begins where the caller begins to speak (or where the bot speaks
 * unasked), is committed when work on an answer starts or the answer is sent, and ends when the answer has been played, at
 * a `clear` that the caller's speech caused, or with the call. All times are monotonic milliseconds.
 */
export class TurnInference implements CallObserver {
  readonly #call: TurnInferenceOptions['call'];
  readonly #rate: number;
  readonly #runs = new SpeechRuns();
  readonly #arrivals: ArrivalTimes;
  readonly #marks = new OutstandingMarks<InferredTurn>();
  /** Oldest first; at most one is heard while the newest listens. */
  readonly #open: InferredTurn[] = [];
  readonly #listenNow: () => void;
  #onOpened: TurnInferenceOptions['onOpened'];
  #nextIndex = 0;
  #callersTurns = 0;
  #mediaMs = 0;
  /** Everything sent so far will have been played then. */
  #lineFreeAtMs = Number.NEGATIVE_INFINITY;

  constructor({ call, rate, lookEveryMs, onOpened, listenNow }: TurnInferenceOptions) {
    this.#call = call;
    this.#rate = rate;
    this.#arrivals = new ArrivalTimes(rate, lookEveryMs);
    this.#onOpened = onOpened;
    this.#listenNow = listenNow ?? (() => undefined);
  }

  /** Turns that the caller began. */
  get callersTurns(): number {
    return this.#callersTurns;
  }

  /** The context in which the bot's code runs now: that of the newest turn, between turns the call's. */
  get context(): Context {
    return this.#open.at(-1)?.trace.context ?? this.#call.context;
  }

  hasOpenTurn(index: number): boolean {
    return this.#open.some(({ trace }) => trace.index === index);
  }

  /** The stream has started: what the bot now does, it does for its greeting. */
  begin(): void {
    this.#start(this.#call.clock.now(), false);
  }

  /** A detector that hears for the inference what it hears for the tap. */
  listening(vad: VoiceActivity): VoiceActivity {
    return {
      isSpeech: (frame) => {
        const isSpeech = vad.isSpeech(frame);
        this.#heard(isSpeech, this.#call.clock.now());
        return isSpeech;
      },
      close: () => vad.close?.(),
    };
  }

  /** Somebody else's ear (a provider's) says that the caller has finished. */
  committed(source: EosSource): void {
    this.#listenNow();
    const newest = this.#open.at(-1);
    if (newest?.isCallers && !newest.firstSentAtMs) this.#commit(newest, this.#call.clock.now(), source);
  }

  /** Audio is about to be sent. */
  sendingMedia(audio: Uint8Array): void {
    const nowMs = this.#call.clock.now();
    const startMs = Math.max(nowMs, this.#lineFreeAtMs);
    this.#lineFreeAtMs = startMs + audio.length / BYTES_PER_MS / this.#rate;
    if (firstAudibleByte(audio) < 0) return;
    if (this.#answering()?.firstSentAtMs === undefined) this.#listenNow();
    const turn = this.#answering() ?? this.#start(nowMs, false);
    // Before anybody is told of a first sound: who is told may have frames of the caller heard that wait, in here, and a
    // turn that has sounded and has nothing left to play is over.
    turn.playedOutAtMs = this.#lineFreeAtMs;
    turn.isMarked = false;
    if (turn.firstSentAtMs === undefined) this.#firstSound(turn, nowMs);
  }

  /** A mark of the bot is about to be sent: it follows all audio so far. */
  sendingMark(name: string): void {
    const last = this.#open.findLast(({ firstSentAtMs }) => firstSentAtMs !== undefined);
    if (last) last.isMarked = true;
    this.#marks.sent(name, last);
  }

  /** A mark of the bot came back: with the last one of a turn, if that follows its last sound, all of it was played. */
  markBack(name: string): void {
    const turn = this.#marks.back(name);
    if (!turn?.isMarked || this.#marks.isOut(turn)) return;
    turn.playedOutAtMs = Math.min(turn.playedOutAtMs, this.#call.clock.now());
  }

  /** A `clear` was sent: what has not been played never will be. */
  clearSent(): void {
    this.#listenNow();
    const nowMs = this.#call.clock.now();
    const playing = this.#open.find((turn) => this.#isPlaying(turn, nowMs));
    this.#lineFreeAtMs = nowMs;
    if (!playing) return;
    playing.playedOutAtMs = Math.min(playing.playedOutAtMs, nowMs);
    playing.isMarked = false;
    playing.cutAtMs = nowMs;
    const isNewest = playing === this.#open.at(-1);
    if (isNewest && !this.#runs.open) return;
    this.#end(playing, nowMs);
    if (isNewest) this.#start(nowMs, true);
  }

  stageStarted(stage: OpenStage): void {
    const turn = this.#turnOf(stage);
    if (!turn) return;
    turn.openStages += 1;
    const isAnswer = stage.stage === Stage.transcription || stage.stage === Stage.reply;
    if (isAnswer && turn.isCallers && !turn.firstSentAtMs && !this.#runs.open) {
      this.#commit(turn, stage.startedAtMs, 'local_vad');
    }
  }

  stageEnding(stage: OpenStage, _endedAtMs: number, failure: ErrorTypeName | undefined): void {
    const turn = this.#turnOf(stage);
    if (!turn) return;
    turn.openStages -= 1;
    // An answer that the bot breaks off while the caller speaks was interrupted, also by a bot that sends no clear.
    const nowMs = this.#call.clock.now();
    if (failure === ErrorType.cancelled && this.#isPlaying(turn, nowMs)) turn.cutAtMs ??= nowMs;
  }

  /** The stream is over: turns that were heard to their end are complete; the call ends the others. */
  close(): void {
    this.#listenNow();
    const nowMs = this.#call.clock.now();
    for (const turn of [...this.#open]) {
      if (turn.firstSentAtMs !== undefined && turn.playedOutAtMs <= nowMs) this.#endPlayed(turn, nowMs);
    }
  }

  #heard(isSpeech: boolean, lookedAtMs: number): void {
    this.#mediaMs += FRAME_MS;
    const arrivedAtMs = this.#arrivals.arrivalOf(this.#mediaMs, lookedAtMs);
    const run = this.#runs.hear(isSpeech, this.#mediaMs, arrivedAtMs);
    if (run) this.#callerBegan(arrivedAtMs - (this.#mediaMs + FRAME_MS - run.onsetMs) / this.#rate);
    this.#endQuiet(arrivedAtMs);
  }

  #callerBegan(onsetMs: number): void {
    this.#opened(onsetMs);
    const newest = this.#open.at(-1);
    if (newest?.isCallers && newest.firstSentAtMs === undefined) {
      // Said after a pause: it belongs to what is not answered yet.
      newest.isCommitted = false;
      return;
    }
    const wasCut = newest?.cutAtMs !== undefined && newest.cutAtMs >= onsetMs - EARLY_CUT_MS / this.#rate;
    if (newest && (wasCut || !this.#isPlaying(newest, onsetMs))) this.#endPlayed(newest, newest.cutAtMs ?? onsetMs);
    this.#start(onsetMs, true);
  }

  #firstSound(turn: InferredTurn, nowMs: number): void {
    turn.firstSentAtMs = nowMs;
    turn.isCommitted = true;
    this.#opened(nowMs);
    for (const older of this.#open.filter((other) => other !== turn)) this.#endPlayed(older, nowMs);
  }

  /** The turn that audio sent now belongs to: the newest, unless it still listens while an older one is heard. */
  #answering(): InferredTurn | undefined {
    const newest = this.#open.at(-1);
    if (!newest || newest.isCommitted || newest.firstSentAtMs !== undefined || newest.openStages > 0) return newest;
    return this.#open.findLast((turn) => turn !== newest && turn.firstSentAtMs !== undefined) ?? newest;
  }

  #endQuiet(nowMs: number): void {
    for (const turn of [...this.#open]) {
      if (turn.firstSentAtMs === undefined) continue;
      const isNewest = turn === this.#open.at(-1);
      const isWorking = isNewest && turn.openStages > 0;
      const graceMs = (isNewest ? QUIET_MS : LINE_MS) / this.#rate;
      if (!isWorking && nowMs > turn.playedOutAtMs + graceMs) this.#endPlayed(turn, nowMs);
    }
  }

  #isPlaying(turn: InferredTurn, nowMs: number): boolean {
    if (turn.firstSentAtMs === undefined) return false;
    const isMarkOut = turn.isMarked && this.#marks.isOut(turn);
    return turn.playedOutAtMs + (isMarkOut ? MARK_MS / this.#rate : 0) > nowMs;
  }

  #endPlayed(turn: InferredTurn, nowMs: number): void {
    const hasSounded = turn.firstSentAtMs !== undefined;
    this.#end(turn, hasSounded ? Math.min(nowMs, turn.playedOutAtMs + LINE_MS / this.#rate) : nowMs);
  }

  #start(startedAtMs: number, isCallers: boolean): InferredTurn {
    const index = this.#nextIndex;
    // Before anybody is told: another turn may be found in here.
    this.#nextIndex += 1;
    const trace = this.#call.startTurn(index, startedAtMs);
    if (isCallers) this.#callersTurns += 1;
    const turn = {
      trace,
      isCallers,
      isCommitted: false,
      playedOutAtMs: Number.NEGATIVE_INFINITY,
      isMarked: false,
      openStages: 0,
    };
    this.#open.push(turn);
    return turn;
  }

  #end(turn: InferredTurn, endedAtMs: number): void {
    const at = this.#open.indexOf(turn);
    // Somebody who was told of another turn's end may have ended this one.
    if (at < 0) return;
    this.#open.splice(at, 1);
    const isCut = turn.cutAtMs !== undefined && (this.#runs.open !== undefined || this.#open.length > 0);
    turn.trace.end(isCut ? 'interrupted' : 'completed', Math.max(endedAtMs, turn.firstSentAtMs ?? endedAtMs));
  }

  #commit(turn: InferredTurn, atMs: number, source: EosSource): void {
    if (turn.isCommitted) return;
    turn.isCommitted = true;
    turn.trace.committed(atMs, source);
  }

  #opened(atMs: number): void {
    const onOpened = this.#onOpened;
    // First, for the same reason as with a first sound.
    this.#onOpened = undefined;
    onOpened?.(atMs);
  }

  #turnOf({ turnIndex }: OpenStage): InferredTurn | undefined {
    return this.#open.find(({ trace }) => trace.index === turnIndex);
  }
}
