import { loudnessOf } from './mulaw.ts';

/** Length of one step of loudness, milliseconds of real time. */
export const STEP_MS = 100;
/** One record tells of ten minutes at most; a longer silence makes another record. */
export const MAX_STEPS = 6000;
const MAX_INTERVALS = 500;
/** Audio that a bot has sent this far ahead of its playing is still drawn. */
const KEPT_STEPS = 2 * MAX_STEPS;

/** What a record tells about; monotonic milliseconds. */
export type EnvelopeSpan = {
  readonly untilMs: number;
  /** Epoch milliseconds of a monotonic instant. */
  readonly wallTimeOf: (monotonicMs: number) => number;
  readonly callerSpeech: readonly (readonly [number, number])[];
  readonly botSpeech: readonly (readonly [number, number])[];
};

/** How loud both sides of the line were, a figure from 0 to 100 for each 100 ms: what the page's lanes draw. Fixed memory. */
export class Envelope {
  readonly #caller = new Uint8Array(KEPT_STEPS);
  readonly #bot = new Uint8Array(KEPT_STEPS);
  /** Step 0 is here, monotonic. */
  #fromMs: number;

  constructor(fromMs: number) {
    this.#fromMs = fromMs;
  }

  /** What the next record tells about begins here, monotonic. */
  get fromMs(): number {
    return this.#fromMs;
  }

  /** True when the record has to be given out now, so that it stays small. */
  isFull(nowMs: number): boolean {
    return nowMs - this.#fromMs >= MAX_STEPS * STEP_MS;
  }

  /** @param rms root mean square of the audio at `atMs` (monotonic) */
  hear(side: 'caller' | 'bot', atMs: number, rms: number): void {
    const step = Math.floor((atMs - this.#fromMs) / STEP_MS);
    const steps = side === 'caller' ? this.#caller : this.#bot;
    if (step >= 0 && step < KEPT_STEPS) steps[step] = Math.max(steps[step] ?? 0, loudnessOf(rms));
  }

  /** The bot was silenced at `atMs`: what was drawn after it was never heard. */
  cutBot(atMs: number): void {
    this.#bot.fill(0, Math.max(0, Math.ceil((atMs - this.#fromMs) / STEP_MS)));
  }

  /** The body of a `voice.envelope` record from where the one before ended; undefined when nothing has passed since. */
  take({ untilMs, wallTimeOf, callerSpeech, botSpeech }: EnvelopeSpan): string | undefined {
    const fromMs = this.#fromMs;
    const steps = Math.min(MAX_STEPS, Math.ceil((untilMs - fromMs) / STEP_MS));
    if (!(steps > 0)) return undefined;
    const toMs = fromMs + steps * STEP_MS;
    const offsets = (spans: EnvelopeSpan['callerSpeech']) =>
      spans
        .map(([from, to]) => [Math.max(0, Math.round(from - fromMs)), Math.round(Math.min(to, toMs) - fromMs)] as const)
        .filter(([from, to]) => to > from)
        .slice(0, MAX_INTERVALS);
    const body = JSON.stringify({
      v: 1,
      startMs: Math.round(wallTimeOf(fromMs)),
      stepMs: STEP_MS,
      caller: [...this.#caller.subarray(0, steps)],
      bot: [...this.#bot.subarray(0, steps)],
      callerSpeech: offsets(callerSpeech),
      botSpeech: offsets(botSpeech),
    });
    for (const side of [this.#caller, this.#bot]) {
      side.copyWithin(0, steps);
      side.fill(0, KEPT_STEPS - steps);
    }
    this.#fromMs = toMs;
    return body;
  }
}
