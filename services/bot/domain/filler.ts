import type { Clock } from '../../line/clock.ts';
import type { CallListener } from './ports.ts';

/** What the bot says while the answer is being looked for: at most once a turn. */
export type Filler = {
  /** `say` runs when nothing has come to say until the filler is due. */
  arm(say: () => Promise<unknown>): void;
  /** Something has come to say, or nothing will: resolves when a filler that has begun is queued to its end. */
  settle(): Promise<void>;
  /** The first audio that is no filler is about to be queued. */
  answering(): void;
};

/** `dueAtMs`: time of the clock. A filler that is due before it is armed is said at once. */
export type FillerOptions = {
  readonly clock: Clock;
  readonly dueAtMs: number;
  readonly turnIndex: number;
  readonly listener: Pick<CallListener, 'fillerStarted' | 'answerStarted'>;
  /** Aborted when the caller interrupts, or when the call ends. */
  readonly signal: AbortSignal;
};

export function createFiller({ clock, dueAtMs, turnIndex, listener, signal }: FillerOptions): Filler {
  let cancel: (() => void) | undefined;
  let saying: Promise<unknown> | undefined;
  let isSettled = false;
  let isAnswered = false;
  return {
    arm(say) {
      cancel ??= clock.after(Math.max(0, dueAtMs - clock.now()), () => {
        if (isSettled || signal.aborted) return;
        listener.fillerStarted(turnIndex);
        saying = say();
      });
    },
    async settle() {
      isSettled = true;
      cancel?.();
      await saying;
    },
    answering() {
      if (saying && !isAnswered) listener.answerStarted(turnIndex);
      isAnswered = true;
    },
  };
}
