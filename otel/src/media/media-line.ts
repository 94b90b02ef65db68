import { Envelope } from './envelope.ts';
import { InboundLedger, STALL_MS } from './inbound-ledger.ts';
import { type Mark, MarkLedger, type ProbePurpose } from './mark-ledger.ts';
import { MediaClock } from './media-clock.ts';
import { BYTES_PER_MS, decodeMulawInto, FRAME_MS, FRAME_SAMPLES, firstAudibleByte, mulawRms, rmsOf } from './mulaw.ts';
import { type Passage, Passages } from './passages.ts';
import { CarrierDelay, type Placed, PlayoutLine } from './playout-line.ts';
import { type SpeechRun, SpeechRuns } from './speech-runs.ts';
import type { VoiceActivity } from './voice-activity.ts';

const RUNS_KEPT = 500;

/** Told what the line does. Times are monotonic milliseconds unless they are said to be media time. */
export type LineListener = {
  /** The caller began to speak; the run goes on growing. */
  speechBegan(run: SpeechRun): void;
  /** A mark came back; `delayMs` later than on a line without any delay. */
  markBack(mark: Mark, backAtMs: number, delayMs: number): void;
  /** It is known when the line passed a mark. */
  markPassed(mark: Mark, passage: Passage): void;
  /** A mark will never come back. */
  markMissed(mark: Mark): void;
  /** One value a second. */
  jitter(jitterMs: number): void;
  /** A frame that holds nothing, or has no time; or one that shows the line's clock to have been set anew. */
  problem(kind: 'bad_frame' | 'media_clock_jumped'): void;
};

/** Audio that was sent: where it lies and what it sounds like. */
export type Written = Placed & {
  readonly durationMs: number;
  /** The first byte that can be heard; -1 for silence. */
  readonly audibleByte: number;
  /** Just after the 20 ms frame in which that byte lies. */
  readonly audibleFrameEnd: number;
};

/**
 * One media stream seen from the bot's side, without any socket: frames, marks and what was sent go in with their times,
 * the two clocks, the caller's speech and the line's playing come out.
 */
export class MediaLine {
  readonly rate: number;
  readonly clock: MediaClock;
  readonly inbound: InboundLedger;
  readonly playout: PlayoutLine;
  readonly carrier = new CarrierDelay();
  readonly marks = new MarkLedger();
  readonly speech = new SpeechRuns();
  readonly envelope: Envelope;
  badMessages = 0;
  /** The caller's speech so far, oldest first; media time. */
  readonly runs: SpeechRun[] = [];
  readonly #vad: VoiceActivity;
  readonly #listener: LineListener;
  readonly #passages: Passages;
  readonly #frame = new Int16Array(FRAME_SAMPLES);
  /** Without any delay, what was sent has been played by then. */
  #dueMs = Number.NEGATIVE_INFINITY;

  constructor(
    options: { readonly rate: number; readonly vad: VoiceActivity; readonly startedAtMs: number },
    listener: LineListener,
  ) {
    this.rate = options.rate;
    this.#vad = options.vad;
    this.#listener = listener;
    this.clock = new MediaClock(this.rate);
    this.inbound = new InboundLedger(this.clock, this.rate);
    this.playout = new PlayoutLine(this.rate);
    this.#passages = new Passages(this.clock, this.rate);
    this.envelope = new Envelope(options.startedAtMs);
  }

  /** A frame of the caller's audio: bytes of µ-law, or PCM16. `sequence` may be NaN; `audio` is not kept. */
  hear(
    frame: { readonly sequence: number; readonly timestampMs: number },
    audio: Uint8Array | Int16Array,
    arrivedAtMs: number,
  ): void {
    const { sequence, timestampMs } = frame;
    if (audio.length === 0 || !Number.isFinite(timestampMs)) {
      this.badMessages += 1;
      this.#listener.problem('bad_frame');
      return;
    }
    const durationMs = audio.length / BYTES_PER_MS;
    const { clockJumps } = this.inbound;
    const fate = this.inbound.take(sequence, timestampMs, durationMs, arrivedAtMs);
    if (this.inbound.clockJumps > clockJumps) this.#listener.problem('media_clock_jumped');
    if (fate === 'duplicate') return;
    const { mediaMs } = this.inbound;
    if (fate === 'next') {
      const jitterMs = this.inbound.jitter.take(mediaMs, arrivedAtMs);
      if (jitterMs !== undefined) this.#listener.jitter(jitterMs);
    }
    if (audio.length <= FRAME_SAMPLES) this.#listen(audio, mediaMs, arrivedAtMs);
    else
      for (let at = 0; at < audio.length; at += FRAME_SAMPLES) {
        this.#listen(audio.subarray(at, at + FRAME_SAMPLES), mediaMs + at / BYTES_PER_MS, arrivedAtMs);
      }
    this.#passages.frame(sequence, mediaMs + durationMs, arrivedAtMs);
  }

  /** A mark came back; undefined when it was not under way. */
  markBack(name: string, sequence: number, backAtMs: number): Mark | undefined {
    const mark = this.marks.take(name, backAtMs);
    if (!mark) return undefined;
    if (mark.probe === 'clear') this.carrier.markRoundTripMs = backAtMs - mark.sentAtMs;
    this.#passages.begin(sequence, backAtMs, (passage) => this.#listener.markPassed(mark, passage));
    this.#listener.markBack(mark, backAtMs, backAtMs - mark.dueMs);
    return mark;
  }

  /** The bot sends audio. */
  write(audio: Uint8Array, turnIndex: number | undefined, sentAtMs: number): Written {
    const durationMs = audio.length / BYTES_PER_MS;
    const { fromPos, startMs, underrunMs } = this.playout.write({ turnIndex, durationMs, sentAtMs });
    this.#dueMs = Math.max(this.#dueMs, sentAtMs) + durationMs / this.rate;
    let audibleByte = -1;
    let audibleFrameEnd = -1;
    for (let at = 0; at < audio.length; at += FRAME_SAMPLES) {
      const end = Math.min(at + FRAME_SAMPLES, audio.length);
      this.envelope.hear('bot', startMs + at / BYTES_PER_MS / this.rate, mulawRms(audio, at, end));
      const first = firstAudibleByte(audio, at, end);
      if (first < 0) continue;
      const audiblePos = fromPos + at / BYTES_PER_MS;
      this.playout.addAudible(audiblePos, Math.min(audiblePos + FRAME_MS, this.playout.sentMs));
      if (audibleByte >= 0) continue;
      audibleByte = first;
      audibleFrameEnd = end;
    }
    return { fromPos, startMs, underrunMs, durationMs, audibleByte, audibleFrameEnd };
  }

  /** A mark is sent, after the audio up to `pos` (default: all of it). */
  mark(
    name: string,
    sending: { turnIndex: number | undefined; sentAtMs: number; probe?: ProbePurpose; pos?: number },
  ): void {
    const { turnIndex, sentAtMs, probe, pos = this.playout.sentMs } = sending;
    const aheadMs = (this.playout.sentMs - pos) / this.rate;
    const dueMs = Math.max(this.#dueMs - aheadMs, sentAtMs);
    this.marks.add({ name, probe, turnIndex, pos, sentAtMs, dueMs, wasCleared: false });
  }

  /**
   * When the line should be silent after a clear sent at `sentAtMs`: one round trip later, because instants of the line
   * lie on our clock late by the way back.
   */
  silentAfterClearMs(sentAtMs: number): number {
    return sentAtMs + (this.carrier.roundTripMs ?? 0);
  }

  /** A clear is sent: what has not been played never will be. */
  clear(sentAtMs: number): void {
    this.marks.clear();
    this.silence(this.silentAfterClearMs(sentAtMs));
    this.#dueMs = sentAtMs;
  }

  /** The line was silent at `atMs`; `previousMs`: what was taken for it before. */
  silence(atMs: number, previousMs?: number): void {
    this.playout.cut(atMs, previousMs);
    this.envelope.cutBot(atMs);
  }

  /** Time has passed: marks that never came back are given up. */
  tick(nowMs: number): void {
    const missed = this.marks.expire(nowMs, (mark) => this.#playedUntilMs(mark));
    for (const mark of missed) this.#listener.markMissed(mark);
  }

  /** The next frame decides when the line passed a mark. */
  get isPlacingMark(): boolean {
    return this.#passages.isPending;
  }

  /** Decides about marks whose next frame has not come yet. */
  settle(): void {
    this.#passages.settle();
  }

  /** Milliseconds since the last frame when that is a stall, else 0. */
  stalledFor(nowMs: number): number {
    const silentMs = nowMs - this.inbound.arrivedAtMs;
    return silentMs > STALL_MS ? silentMs : 0;
  }

  /** The caller's speech that ends after `sinceMs`, monotonic. */
  callerSpeechSince(sinceMs: number): [number, number][] {
    return this.runs
      .map(({ onsetMs, endMs }): [number, number] => [this.clock.toCall(onsetMs), this.clock.toCall(endMs)])
      .filter(([, toMs]) => toMs > sinceMs);
  }

  /** What both sides said that ends after `sinceMs`, monotonic. */
  soundsSince(sinceMs: number): { who: 'caller' | 'bot'; fromMs: number; toMs: number }[] {
    const of = (who: 'caller' | 'bot', spans: readonly (readonly [number, number])[]) =>
      spans.map(([fromMs, toMs]) => ({ who, fromMs, toMs }));
    return [...of('caller', this.callerSpeechSince(sinceMs)), ...of('bot', this.playout.speechSince(sinceMs))];
  }

  /** The body of the next `voice.envelope` record, up to `untilMs`; undefined when there is nothing to tell. */
  takeEnvelope(untilMs: number, wallTimeOf: (monotonicMs: number) => number): string | undefined {
    const sinceMs = this.envelope.fromMs;
    const callerSpeech = this.callerSpeechSince(sinceMs);
    return this.envelope.take({ untilMs, wallTimeOf, callerSpeech, botSpeech: this.playout.speechSince(sinceMs) });
  }

  /** The stream was over at `endedAtMs`. */
  close(endedAtMs: number): void {
    this.settle();
    this.inbound.stalledMs += this.stalledFor(endedAtMs);
    const missed = this.marks.close(endedAtMs, (mark) => this.#playedUntilMs(mark));
    for (const mark of missed) this.#listener.markMissed(mark);
    this.#vad.close?.();
  }

  #playedUntilMs(mark: Mark): number {
    return Math.max(mark.dueMs, this.playout.timeOf(mark.pos) || 0);
  }

  #listen(audio: Uint8Array | Int16Array, mediaMs: number, arrivedAtMs: number): void {
    // A detector of one's own gets the tap's memory, never the bot's.
    const frame = this.#frame;
    const rms = decodeInto(frame, audio);
    this.envelope.hear('caller', this.clock.toCall(mediaMs), rms);
    const run = this.speech.hear(this.#vad.isSpeech(frame), mediaMs, arrivedAtMs);
    if (!run) return;
    this.runs.push(run);
    if (this.runs.length > RUNS_KEPT) this.runs.shift();
    this.#listener.speechBegan(run);
  }
}

function decodeInto(frame: Int16Array, audio: Uint8Array | Int16Array): number {
  if (audio instanceof Uint8Array) return decodeMulawInto(frame, audio);
  if (audio.length < frame.length) frame.fill(0, audio.length);
  frame.set(audio);
  return rmsOf(frame);
}
