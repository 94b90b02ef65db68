import { FRAME_MS } from './mulaw.ts';

/** So many voiced frames in a row are speech: a click is not. */
const ONSET_FRAMES = 3;
/** Silence in media time after which a run is over; a pause inside a word is shorter. */
const RUN_PAUSE_MS = 200;
/** Voiced frames further apart than this are not in a row. */
const ROW_HOLE_MS = 60;

/** What the caller said without a pause. Media time; `endMs` is the end of the last voiced frame so far. */
export type SpeechRun = {
  readonly onsetMs: number;
  endMs: number;
  /** When that frame arrived, monotonic milliseconds. */
  endArrivedAtMs: number;
  /** Where the first frame heard after it begins: later than `endMs` when frames are missing there. Infinity before. */
  nextMs: number;
  isOpen: boolean;
};

/** Finds the caller's speech in frames that a detector has judged. */
export class SpeechRuns {
  #run: SpeechRun | undefined;
  #row = 0;
  #rowStartMs = 0;
  #rowEndMs = Number.NEGATIVE_INFINITY;

  /** The run that is going on. */
  get open(): SpeechRun | undefined {
    return this.#run;
  }

  /** Where the voiced frames in a row begin that may become speech; undefined when the last frame was silence. */
  get tentativeOnsetMs(): number | undefined {
    return this.#row > 0 ? this.#rowStartMs : undefined;
  }

  /** Takes a frame; returns the run that it began. */
  hear(isVoiced: boolean, mediaMs: number, arrivedAtMs: number): SpeechRun | undefined {
    const run = this.#run;
    if (run && isVoiced) {
      if (mediaMs + FRAME_MS > run.endMs) run.nextMs = Number.POSITIVE_INFINITY;
      run.endMs = Math.max(run.endMs, mediaMs + FRAME_MS);
      run.endArrivedAtMs = arrivedAtMs;
    } else if (run && mediaMs >= run.endMs) run.nextMs = Math.min(run.nextMs, mediaMs);
    if (run && !isVoiced && mediaMs + FRAME_MS - run.endMs > RUN_PAUSE_MS) this.#close(run);
    return this.#countRow(isVoiced, mediaMs, arrivedAtMs);
  }

  #close(run: SpeechRun): void {
    run.isOpen = false;
    this.#run = undefined;
    this.#row = 0;
  }

  #countRow(isVoiced: boolean, mediaMs: number, arrivedAtMs: number): SpeechRun | undefined {
    if (!isVoiced) {
      // A silent frame that was overtaken does not break the row after it.
      if (mediaMs >= this.#rowEndMs) this.#row = 0;
      return undefined;
    }
    const isInRow = this.#row > 0 && mediaMs - this.#rowEndMs <= ROW_HOLE_MS;
    this.#row = isInRow ? this.#row + 1 : 1;
    this.#rowStartMs = isInRow ? Math.min(this.#rowStartMs, mediaMs) : mediaMs;
    this.#rowEndMs = isInRow ? Math.max(this.#rowEndMs, mediaMs + FRAME_MS) : mediaMs + FRAME_MS;
    if (this.#run || this.#row < ONSET_FRAMES) return undefined;
    const nextMs = Number.POSITIVE_INFINITY;
    this.#run = { onsetMs: this.#rowStartMs, endMs: this.#rowEndMs, endArrivedAtMs: arrivedAtMs, nextMs, isOpen: true };
    return this.#run;
  }
}
