import { fromMulaw } from './audio.js';

const LOUD = 300;
const ONSET_FRAMES = 3;
const PREROLL_FRAMES = 10;
const END_FRAMES = 25;

/** Cuts what the caller says out of frames of 20 ms, by loudness; a real bot would take a better detector. */
export class Ears {
  #frames = [];
  #loudRun = 0;
  #quietRun = 0;
  #isSpeaking = false;

  /** @param {{ onSpeech(): void, onUtterance(frames: Buffer[]): void }} listener */
  constructor(listener) {
    this.listener = listener;
  }

  hear(frame) {
    const samples = fromMulaw(frame);
    const isLoud = samples.reduce((sum, sample) => sum + Math.abs(sample), 0) / samples.length > LOUD;
    this.#loudRun = isLoud ? this.#loudRun + 1 : 0;
    this.#quietRun = isLoud ? 0 : this.#quietRun + 1;
    this.#frames.push(frame);
    if (!this.#isSpeaking && this.#loudRun >= ONSET_FRAMES) {
      this.#isSpeaking = true;
      this.listener.onSpeech();
    } else if (this.#isSpeaking && this.#quietRun >= END_FRAMES) {
      this.#isSpeaking = false;
      this.listener.onUtterance(this.#frames.splice(0));
    } else if (!this.#isSpeaking && this.#frames.length > PREROLL_FRAMES) this.#frames.shift();
  }
}
