import { type Attributes, type Context, context as contextApi, type Span } from '@opentelemetry/api';
import { guardAttributes } from '../call/attribute-guard.ts';
import type { StartedStage } from './measure.ts';
import { followPromise, isPlainPromise, type ResultWatch, watchThenable } from './watched-thenable.ts';

/**
 * A stage that lasts as long as a block: `using stage = callspan.startStage(...)`. The block does not make it active:
 * what shall be its child, and what asks its model, runs inside `run`. A `using` block that throws cannot tell its
 * stage why: say it with `fail`, or let the work run inside `run`.
 */
export type StageBlock = Disposable & {
  readonly span: Span;
  /** The context in which `run` runs. */
  readonly context: Context;
  /**
   * Runs `work` with the stage active; its result passes through: a plain promise is followed by one that settles alike,
   * a promise of a class of its own stays itself. When the last run failed, the stage did.
   */
  run<R>(work: () => R): R;
  /** Never throws; what a span cannot carry is left out. */
  setAttributes(attributes: Attributes): void;
  /** The first token or byte came; the first call counts. */
  recordFirstOutput(): void;
  /** Ends the stage as failed, now. */
  fail(error: unknown): void;
  /** Ends the stage, once; disposing does the same. */
  end(): void;
};

/** The block of a stage that has been started. */
export function createStageBlock({ callSpan, context }: StartedStage): StageBlock {
  let failure: { readonly error: unknown } | undefined;
  let isEnded = false;
  callSpan.onEnding(() => {
    isEnded = true;
  });
  const end = () => (failure ? callSpan.fail(failure.error) : callSpan.end());
  const follow = <R>(result: R): R => {
    failure = undefined;
    const watch: ResultWatch = {
      context,
      arrived: (value) => value,
      failed(error) {
        failure = { error };
      },
    };
    if (isPlainPromise(result)) return followPromise(watch, result) as R;
    watchThenable(watch, result);
    return result;
  };
  return {
    span: callSpan.span,
    context,
    run(work) {
      let result: ReturnType<typeof work>;
      try {
        result = contextApi.with(context, work);
      } catch (error) {
        failure = { error };
        throw error;
      }
      return follow(result);
    },
    setAttributes(attributes) {
      if (!isEnded) callSpan.span.setAttributes(guardAttributes(attributes, () => {}));
    },
    recordFirstOutput: () => callSpan.recordFirstOutput(),
    fail: (error) => callSpan.fail(error),
    end,
    [Symbol.dispose]: end,
  };
}
