import type { OpenStage } from '../call/observer.ts';
import { Stage, type StageName } from '../conventions/index.ts';
import type { GapPoints } from './partition.ts';

const STAGES_KEPT = 200;

/** One execution of a stage of a turn; monotonic milliseconds. */
type Execution = {
  readonly span: OpenStage['span'];
  readonly stage: StageName;
  readonly provider: string | undefined;
  readonly model: string | undefined;
  readonly startedAtMs: number;
  firstOutputAtMs?: number;
  endedAtMs?: number;
};

/** What worked behind a segment. */
export type Maker = { readonly provider: string | undefined; readonly model: string | undefined };

/** The stages behind a wait: their instants, and who made them. */
export type StagesBehind = {
  readonly points: Pick<GapPoints, 'transcribedMs' | 'firstTokenMs' | 'synthesisStartedMs' | 'firstByteMs'>;
  readonly transcription: Maker | undefined;
  readonly reply: Maker | undefined;
  readonly synthesis: Maker | undefined;
};

/** Keeps the times of a turn's transcriptions, replies and syntheses. */
export class TurnStages {
  readonly #all: Execution[] = [];

  started({ span, stage, provider, model, startedAtMs }: OpenStage): void {
    if (stage !== Stage.transcription && stage !== Stage.reply && stage !== Stage.synthesis) return;
    if (this.#all.length < STAGES_KEPT) this.#all.push({ span, stage, provider, model, startedAtMs });
  }

  firstOutput(stage: OpenStage, atMs: number): void {
    const execution = this.#find(stage);
    if (execution) execution.firstOutputAtMs = atMs;
  }

  ended(stage: OpenStage, atMs: number): void {
    const execution = this.#find(stage);
    if (execution) execution.endedAtMs = atMs;
  }

  /** True when the turn has begun to make an answer. */
  get isAnswering(): boolean {
    return this.#all.some(({ stage }) => stage !== Stage.transcription);
  }

  /** What lies behind an answer whose first sound was sent at `sentMs`: only what happened before it counts. */
  behind(sentMs: number): StagesBehind {
    const before = (stage: StageName) => this.#all.filter((one) => one.stage === stage && one.startedAtMs <= sentMs);
    const isPast = (atMs: number | undefined) => atMs !== undefined && atMs <= sentMs;
    const transcription = before(Stage.transcription).findLast(({ endedAtMs }) => isPast(endedAtMs));
    // A reply that was begun anew counts from its last beginning.
    const reply =
      before(Stage.reply).findLast(({ firstOutputAtMs }) => isPast(firstOutputAtMs)) ?? before(Stage.reply).at(-1);
    const syntheses = before(Stage.synthesis);
    const synthesis = syntheses.find(({ startedAtMs }) => startedAtMs >= (reply?.startedAtMs ?? 0)) ?? syntheses[0];
    return {
      points: {
        transcribedMs: transcription?.endedAtMs,
        firstTokenMs: reply?.firstOutputAtMs,
        synthesisStartedMs: synthesis?.startedAtMs,
        firstByteMs: synthesis?.firstOutputAtMs,
      },
      transcription: transcription ?? before(Stage.transcription).at(-1),
      reply,
      synthesis,
    };
  }

  #find({ span }: OpenStage): Execution | undefined {
    return this.#all.findLast((execution) => execution.span === span);
  }
}
