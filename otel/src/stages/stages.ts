import { context as contextApi } from '@opentelemetry/api';
import type { CallSpan } from '../call/call-span.ts';
import { reportMisuse } from '../logs/misuse.ts';
import { checkWrapped, readStage } from './check-stage.ts';
import type { StartedStage } from './measure.ts';
import { measureWork } from './measure.ts';
import { type Produced, streamInStage } from './run-in-span.ts';
import { createStageBlock, type StageBlock } from './stage-block.ts';
import type { MeasuredStage, StageRequest } from './stage-request.ts';
import { createStageStarter, type StageTools } from './start-stage.ts';

type AnyFunction = (this: never, ...args: never[]) => unknown;

/** A method decorator of the TC39 standard (stage 3) for methods whose arguments begin with `A`: they keep their type. */
export type MethodDecorator<A extends readonly unknown[] = []> = <M extends AnyFunction>(
  method: Parameters<M> extends readonly [...A, ...unknown[]] ? M : never,
  context: ClassMethodDecoratorContext,
) => M;

/**
 * Three ways to measure one's own code, and two for code that asks a model. Results, errors, streams and abort signals
 * pass through untouched; a `stage` that cannot be told (its function throws) costs the measure, never the work.
 */
export type Stages = {
  /**
   * A function that measures each execution of `fn`: the same arguments, `this`, result, name and properties.
   * @throws TypeError when it is no function, or `stage` no stage
   */
  wrap<F extends AnyFunction>(stage: StageRequest<Parameters<F>>, fn: F): F;
  /**
   * Measures each execution of a method: `@callspan.measured(toolStage({ name: 'find_customer' }))`.
   * @throws TypeError when the class is defined, if it decorates anything but a method
   */
  measured<A extends readonly unknown[] = []>(stage: StageRequest<A>): MethodDecorator<A>;
  /** Starts a stage that lasts until its block ends: `using stage = callspan.startStage(...)`. */
  startStage(stage: MeasuredStage): StageBlock;
  /** Measures `work`, which asks a model and gets its answer at once: the traced fetch writes on its span. */
  model<T>(stage: MeasuredStage, work: (span: CallSpan) => Promise<T>): Promise<T>;
  /**
   * The same for an answer that is streamed; `produce` runs, and the stage starts, when the first item is asked for. It gives
   * the stream, or the promise of it that a client's `create({ stream: true })` is.
   */
  modelStream<T>(stage: MeasuredStage, produce: (span: CallSpan) => Produced<T>): AsyncGenerator<T>;
};

/** Makes the stages of a kit. */
export function createStages(tools: StageTools): Stages {
  const startRead = createStageStarter(tools);
  const start = (told: MeasuredStage): StartedStage => {
    const { stage, error } = readStage(told);
    if (error) reportMisuse(tools.problems, { kind: 'bad_stage', context: contextApi.active(), error });
    return startRead(stage);
  };
  const tryStart = (tell: () => MeasuredStage): StartedStage | undefined => {
    try {
      return start(tell());
    } catch (error) {
      tools.problems.report('stage_not_told', undefined, error);
      return undefined;
    }
  };
  const wrap = <F extends AnyFunction>(stage: StageRequest<Parameters<F>>, fn: F): F => {
    checkWrapped(stage, fn);
    return new Proxy(fn, {
      apply(target, self: unknown, args: Parameters<F>) {
        const work = () => Reflect.apply(target, self as never, args) as unknown;
        const started = tryStart(() => (typeof stage === 'function' ? stage(...args) : stage));
        return started ? measureWork(started, work) : work();
      },
    });
  };
  return {
    wrap,
    measured<A extends readonly unknown[]>(stage: StageRequest<A>) {
      const decorate = (method: AnyFunction, context: ClassMethodDecoratorContext | undefined) => {
        // Decorators of the older, non-standard kind pass other arguments.
        if (typeof method === 'function' && context?.kind === 'method') return wrap(stage as StageRequest, method);
        throw new TypeError('measured() decorates methods, by the TC39 standard (without experimentalDecorators)');
      };
      return decorate as MethodDecorator<A>;
    },
    startStage: (stage) => createStageBlock(start(stage)),
    model: async (stage, work) => measureWork(start({ ...stage, asksModel: true }), work),
    modelStream(stage, produce) {
      const asked = { ...stage, asksModel: true };
      return streamInStage(() => start(asked), produce);
    },
  };
}
