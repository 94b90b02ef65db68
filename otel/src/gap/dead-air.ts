import type { CallObserver, OpenStage } from '../call/observer.ts';
import { type DeadAirCause, Stage, type StageName } from '../conventions/index.ts';

const CAUSE: Partial<Record<StageName, DeadAirCause>> = {
  [Stage.transcription]: 'waiting_stt',
  [Stage.reply]: 'waiting_llm',
  [Stage.synthesis]: 'waiting_tts',
  [Stage.retrieval]: 'waiting_tool',
  [Stage.save]: 'waiting_tool',
};
const STAGES_KEPT = 64;

/** What is audible on the line at an instant; monotonic milliseconds. */
export type Sounds = {
  /** Stretches of sound of either side that end after `sinceMs`. */
  since(sinceMs: number): readonly { readonly who: 'caller' | 'bot'; readonly fromMs: number; readonly toMs: number }[];
};

/** Told of silences while they last; monotonic milliseconds. */
export type DeadAirReport = {
  /** A silence that began at `sinceMs` has passed the limit. */
  began(sinceMs: number): void;
  ended(silence: { readonly sinceMs: number; readonly untilMs: number; readonly cause: DeadAirCause }): void;
};

type Worked = { readonly cause: DeadAirCause; readonly span: OpenStage['span']; readonly fromMs: number; toMs: number };

/** Finds silences of both sides above a limit, and what the bot was doing in them. */
export class DeadAir implements CallObserver {
  readonly #limitMs: number;
  readonly #sounds: Sounds;
  readonly #report: DeadAirReport;
  #worked: Worked[] = [];
  #sinceMs: number;
  #lastWho: 'caller' | 'bot' | undefined;
  #isTold = false;

  /** @param limitMs milliseconds of our clock */
  constructor(
    options: { readonly limitMs: number; readonly startedAtMs: number },
    sounds: Sounds,
    report: DeadAirReport,
  ) {
    this.#limitMs = options.limitMs;
    this.#sinceMs = options.startedAtMs;
    this.#sounds = sounds;
    this.#report = report;
  }

  stageStarted({ stage, span, startedAtMs }: OpenStage): void {
    const cause = CAUSE[stage];
    if (!cause) return;
    this.#worked.push({ cause, span, fromMs: startedAtMs, toMs: Number.POSITIVE_INFINITY });
    if (this.#worked.length > STAGES_KEPT) this.#worked.shift();
  }

  stageEnding({ span }: OpenStage, endedAtMs: number): void {
    const worked = this.#worked.find((one) => one.span === span);
    if (worked) worked.toMs = endedAtMs;
  }

  /** True when a look may have something to tell: a silence lasts, or would have passed the limit by what was known last. */
  isDue(nowMs: number): boolean {
    return this.#isTold || nowMs - this.#sinceMs > this.#limitMs;
  }

  /** Looks at the line; needed whenever it is due, a few times a second. */
  tick(nowMs: number): void {
    const sounds = [...this.#sounds.since(this.#sinceMs)].sort((a, b) => a.fromMs - b.fromMs);
    for (const { who, fromMs, toMs } of sounds) {
      if (fromMs > nowMs) break;
      if (fromMs > this.#sinceMs) this.#silentUntil(fromMs);
      this.#sinceMs = Math.max(this.#sinceMs, Math.min(toMs, nowMs));
      this.#lastWho = who;
    }
    if (this.#isTold || nowMs - this.#sinceMs <= this.#limitMs) return;
    this.#isTold = true;
    this.#report.began(this.#sinceMs);
  }

  /** The call is over. */
  close(nowMs: number): void {
    this.tick(nowMs);
    this.#silentUntil(nowMs);
  }

  #silentUntil(untilMs: number): void {
    const sinceMs = this.#sinceMs;
    if (this.isDue(untilMs)) {
      if (!this.#isTold) this.#report.began(sinceMs);
      this.#report.ended({ sinceMs, untilMs, cause: this.#causeOf(sinceMs, untilMs) });
    }
    this.#isTold = false;
    this.#worked = this.#worked.filter(({ toMs }) => toMs > untilMs);
  }

  /** The stage that was open longest in the silence; after the bot spoke the caller, unless the bot worked for most of it. */
  #causeOf(sinceMs: number, untilMs: number): DeadAirCause {
    const sums = new Map<DeadAirCause, number>();
    let workedMs = 0;
    for (const { cause, fromMs, toMs } of this.#worked) {
      const overlapMs = Math.min(toMs, untilMs) - Math.max(fromMs, sinceMs);
      if (overlapMs <= 0) continue;
      sums.set(cause, (sums.get(cause) ?? 0) + overlapMs);
      workedMs += overlapMs;
    }
    const [longest] = [...sums].sort((a, b) => b[1] - a[1]);
    // Who makes the speech that ends a silence has not been silent because of it.
    const isCallers = this.#lastWho === 'bot' && workedMs < (untilMs - sinceMs) / 2;
    return isCallers ? 'caller' : (longest?.[0] ?? 'none');
  }
}
