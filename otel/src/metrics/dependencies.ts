import { type Attributes, type Context, context as contextApi, type Span } from '@opentelemetry/api';
import type { CallObserver } from '../call/observer.ts';
import { Attr, ErrorType, type ErrorTypeName, LogEvent, Metric, Stage, type StageName } from '../conventions/index.ts';
import type { Instruments } from '../instruments.ts';
import type { KitLog } from '../logs/kit-log.ts';

/** How the last request to something that the service needs went. */
export type DependencyAnswer = {
  /** Low-cardinality: `records`, `openai.reply`. */
  readonly dependency: string;
  readonly durationMs: number;
  /** Nothing: it answered. */
  readonly failure?: ErrorTypeName | undefined;
};

/**
 * What the service needs, as its real requests find it: nothing is asked for the sake of asking. Up or down is the outcome
 * of the last request; a request that was given up says nothing. A change is told in the log. A failure that nobody has
 * tried again for ten minutes says nothing any more: the last request of an evening would be an alarm until the morning.
 */
export type Dependencies = {
  record(answer: DependencyAnswer, context?: Context): void;
  /** Sees the model stages of a call: each provider and stage is one dependency; its answer is the whole stage. */
  readonly observer: CallObserver;
};

/** What is really down and needed is asked again before: the outbox delivers every five minutes at the latest. */
const FORGET_FAILURE_AFTER_MS = 600_000;

/** It answered: what it said is another question. */
const ANSWERED: ReadonlySet<ErrorTypeName> = new Set([
  ErrorType.parsing,
  ErrorType.validation,
  ErrorType.rateLimit,
  ErrorType.model,
]);

/** The segments of a gap name a provider, too: they are parts of these. */
const ASKED: ReadonlySet<StageName> = new Set([
  Stage.transcription,
  Stage.reply,
  Stage.extraction,
  Stage.synthesis,
  Stage.retrieval,
]);

/** @param log told of each change from up to down and back */
export function createDependencies(instruments: Instruments, log: KitLog): Dependencies {
  /** What is down: the timers after which that is forgotten. */
  const down = new Map<string, NodeJS.Timeout>();
  const forgetLater = (dependency: string) => {
    const forget = () => {
      down.delete(dependency);
      instruments.record(Metric.dependencyUp, 1, { dependency });
    };
    down.set(dependency, setTimeout(forget, FORGET_FAILURE_AFTER_MS).unref());
  };
  const record: Dependencies['record'] = ({ dependency, durationMs, failure }, context = contextApi.active()) => {
    if (failure === ErrorType.cancelled) return;
    const isUp = failure === undefined || ANSWERED.has(failure);
    instruments.record(Metric.dependencyUp, isUp ? 1 : 0, { dependency });
    if (isUp) instruments.record(Metric.dependencyResponseDuration, durationMs / 1000, { dependency });
    const wasUp = !down.has(dependency);
    clearTimeout(down.get(dependency));
    down.delete(dependency);
    if (!isUp) forgetLater(dependency);
    if (isUp === wasUp) return;
    log({
      event: isUp ? LogEvent.dependencyUp : LogEvent.dependencyDown,
      severity: isUp ? 'info' : 'error',
      body: `${dependency} is ${isUp ? 'up' : 'down'}`,
      context,
      attributes: { dependency, ...(failure ? { [Attr.errorType]: failure } : {}) },
    });
  };
  const observer: CallObserver = {
    stageEnding({ stage, provider, startedAtMs, span, context }, endedAtMs, failure) {
      if (!provider || !ASKED.has(stage) || isFromStore(span)) return;
      record({ dependency: `${provider}.${stage}`, durationMs: endedAtMs - startedAtMs, failure }, context);
    },
  };
  return { record, observer };
}

/** Speech from the bot's own recordings: no provider was asked. */
function isFromStore(span: Span): boolean {
  return (span as Span & { readonly attributes?: Attributes }).attributes?.[Attr.ttsCached] === true;
}
