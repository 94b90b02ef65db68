import { trace } from '@opentelemetry/api';
import { callRefOf } from '../call/call-context.ts';
import type { CallObserver, OpenStage } from '../call/observer.ts';
import type { Problems } from '../logs/problems.ts';
import type { Redactor } from '../redaction/redactor.ts';
import type { MeasureListener } from './measure.ts';
import { type MeasureEntry, type MeasureKind, type MeasurePlace, measureOf } from './measure-ring.ts';
import { keptKind, keptMessage, keptPlace } from './redact-measure.ts';
import { createStatistics, type Statistics } from './statistics.ts';

/** How measures are kept and told; see `createMeasures`. */
export type MeasuresOptions = {
  readonly problems: Problems;
  readonly listeners?: readonly MeasureListener[];
  /** Without one nothing is redacted, and no error's words are kept. */
  readonly redactor?: Redactor;
};

/** Everything that stages took, on its way to whoever wants to know. */
export type Measures = {
  readonly statistics: Statistics;
  /** Makes a measure of each stage that ends; `place` for a call's, by default what the stage's own context tells. */
  observe(place?: MeasurePlace): CallObserver;
};

/** Names of stages are few; should they be many after all (an id in them), they are not kept for ever. */
const MAX_KINDS = 512;
const MAX_KEY_LENGTH = 1024;

/** Statistics of one's own, and the listeners, which are told of every measure in the order of the list. */
export function createMeasures({ problems, listeners = [], redactor }: MeasuresOptions): Measures {
  const statistics = createStatistics();
  const kindOf = createKinds(redactor);
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
    observe(told) {
      const place = told && keptPlace(redactor, told);
      return {
        stageEnding(stage, endedAtMs, failure, error) {
          const entry: MeasureEntry = {
            kind: kindOf(stage),
            place: place ?? keptPlace(redactor, placeOf(stage)),
            turnIndex: stage.turnIndex,
            durationMs: Math.max(0, endedAtMs - stage.startedAtMs),
            endedAtMs,
            timestampMs: Date.now() - (performance.now() - endedAtMs),
            errorType: failure,
            errorMessage: error === undefined ? undefined : keptMessage(redactor, error),
          };
          statistics.add(entry);
          if (listeners.length > 0) tell(entry);
        },
      };
    },
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

/** One object for all executions of a kind. */
function createKinds(redactor: Redactor | undefined): (stage: OpenStage) => MeasureKind {
  const kinds = new Map<string, MeasureKind>();
  return (stage) => {
    const { name, provider, model } = stage;
    const key = `${stage.stage}\n${name}\n${provider}\n${model}`;
    const known = kinds.get(key);
    if (known) return known;
    const kind = keptKind(redactor, stage);
    if (kinds.size >= MAX_KINDS) kinds.clear();
    if (key.length <= MAX_KEY_LENGTH) kinds.set(key, kind);
    return kind;
  };
}
