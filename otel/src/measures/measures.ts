import { trace } from '@opentelemetry/api';
import { cutText } from '../call/attribute-guard.ts';
import { callRefOf } from '../call/call-context.ts';
import type { CallObserver, OpenStage } from '../call/observer.ts';
import type { StageName } from '../conventions/index.ts';
import type { Problems } from '../logs/problems.ts';
import type { MeasureListener } from './measure.ts';
import { type MeasureEntry, type MeasureKind, type MeasurePlace, measureOf } from './measure-ring.ts';
import { createStatistics, type Statistics } from './statistics.ts';

/** How measures are kept and told; see `createMeasures`. */
export type MeasuresOptions = {
  readonly problems: Problems;
  readonly listeners?: readonly MeasureListener[];
  /** What an error said, as far as it may be kept. */
  readonly messageOf?: (error: unknown) => string | undefined;
};

/** Everything that stages took, on its way to whoever wants to know. */
export type Measures = {
  readonly statistics: Statistics;
  /** Makes a measure of each stage that ends; `place` for a call's, by default what the stage's own context tells. */
  observe(place?: MeasurePlace): CallObserver;
};

/** Names of stages are few; should they be many after all (an id in them), they are not kept for ever. */
const MAX_KINDS = 512;
const MAX_NAME_LENGTH = 256;

/** Statistics of one's own, and the listeners, which are told of every measure in the order of the list. */
export function createMeasures({ problems, listeners = [], messageOf = () => undefined }: MeasuresOptions): Measures {
  const statistics = createStatistics();
  const kindOf = createKinds();
  const failed = (error: unknown) => problems.report('measure_listener_failed', undefined, error);
  const tell = (entry: MeasureEntry) => {
    const measure = measureOf(entry);
    for (const listener of listeners) {
      try {
        const result: unknown = listener(measure);
        if (result instanceof Promise) result.catch(failed);
      } catch (error) {
        failed(error);
      }
    }
  };
  return {
    statistics,
    observe: (place) => ({
      stageEnding(stage, endedAtMs, failure, error) {
        const entry: MeasureEntry = {
          kind: kindOf(stage),
          place: place ?? placeOf(stage),
          turnIndex: stage.turnIndex,
          durationMs: Math.max(0, endedAtMs - stage.startedAtMs),
          endedAtMs,
          timestampMs: Date.now() - (performance.now() - endedAtMs),
          errorType: failure,
          errorMessage: error === undefined ? undefined : messageOf(error),
        };
        statistics.add(entry);
        if (listeners.length > 0) tell(entry);
      },
    }),
  };
}

/** Measures that nobody keeps or hears of: `OTEL_SDK_DISABLED=true`. */
export function createNoMeasures(): Measures {
  return { statistics: createStatistics(), observe: () => ({}) };
}

function placeOf({ context, span }: OpenStage): MeasurePlace {
  const callSid = callRefOf(context)?.callSid;
  const traceId = trace.getSpanContext(context)?.traceId ?? span.spanContext().traceId;
  return callSid === undefined ? { traceId } : { callSid, traceId };
}

type Named = { readonly stage: StageName } & Pick<OpenStage, 'name' | 'provider' | 'model'>;

/** One object for all executions of a kind. */
function createKinds(): (stage: Named) => MeasureKind {
  const kinds = new Map<string, MeasureKind>();
  return ({ stage, name: told, provider, model }) => {
    const name = told.length > MAX_NAME_LENGTH ? copyOf(cutText(told, MAX_NAME_LENGTH)) : told;
    const key = `${stage}\n${name}\n${provider}\n${model}`;
    const known = kinds.get(key);
    if (known) return known;
    const kind = { stage, name, provider, model };
    if (kinds.size >= MAX_KINDS) kinds.clear();
    kinds.set(key, kind);
    return kind;
  };
}

/** A part of a text keeps the whole of it alive. */
function copyOf(text: string): string {
  return Buffer.from(text).toString();
}
