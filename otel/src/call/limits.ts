import type { Attributes } from '@opentelemetry/api';
import { wrongOption } from '../check-options.ts';
import { Attr, LogEvent, Metric, SpanEvent, Stage, type StageName, type ThresholdLevel } from '../conventions/index.ts';
import type { Instruments } from '../instruments.ts';
import type { KitLog } from '../logs/kit-log.ts';
import type { CallObserver, OpenStage } from './observer.ts';

/** What is too slow, in milliseconds, for a stage; with `provider` only for that one, before the row without. */
export type StageLimit = {
  readonly stage: StageName;
  readonly provider?: string;
  readonly warningMs: number;
  readonly criticalMs: number;
};

/** The limits of a kit, and the breaches of one call. */
export type LimitWatch = CallObserver & { readonly warnings: number; readonly criticals: number };

const STAGES = new Set<string>(Object.values(Stage));

/** Node's timers know no longer wait: a stage that runs for 24 days is not reported as stuck. */
export const LONGEST_TIMER_MS = 2_147_483_647;

/** @throws TypeError naming the option, its value and what is expected */
export function checkLimits(limits: readonly StageLimit[]): readonly StageLimit[] {
  if (!Array.isArray(limits))
    throw wrongOption('limits', limits, 'a list of { stage, provider?, warningMs, criticalMs }');
  const seen = new Set<string>();
  for (const [index, row] of (limits as readonly unknown[]).entries()) {
    const at = `limits[${index}]`;
    if (typeof row !== 'object' || row === null)
      throw wrongOption(at, row, '{ stage, provider?, warningMs, criticalMs }');
    const limit = row as StageLimit;
    checkLimit(limit, at);
    const { stage, provider } = limit;
    const id = idOfLimit(limit);
    if (seen.has(id)) throw wrongOption(at, { stage, provider }, 'one row for each stage and provider');
    seen.add(id);
  }
  return limits;
}

function checkLimit({ stage, provider, warningMs, criticalMs }: StageLimit, at: string): void {
  if (!STAGES.has(stage)) throw wrongOption(`${at}.stage`, stage, `one of ${[...STAGES].join(', ')}`);
  if (provider !== undefined && (typeof provider !== 'string' || provider === '')) {
    throw wrongOption(`${at}.provider`, provider, 'the name of a provider, or nothing');
  }
  for (const [name, value] of Object.entries({ warningMs, criticalMs })) {
    if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) {
      throw wrongOption(`${at}.${name}`, value, 'milliseconds above 0');
    }
  }
  if (warningMs > criticalMs) throw wrongOption(`${at}.warningMs`, warningMs, `at most criticalMs, ${criticalMs}`);
}

/** The row for a stage and provider. */
export function findLimit(limits: readonly StageLimit[], stage: StageName, provider?: string): StageLimit | undefined {
  let general: StageLimit | undefined;
  for (const limit of limits) {
    if (limit.stage !== stage) continue;
    if (!limit.provider) general ??= limit;
    else if (limit.provider === provider) return limit;
  }
  return general;
}

type Tools = { readonly limits: readonly StageLimit[]; readonly log: KitLog; readonly instruments: Instruments };

/**
 * Watches the stages of one call against their limits: a breach stands on the span, in a log line and in the metric; a
 * stage that runs past its critical limit is reported while it runs.
 */
export function watchLimits({ limits, log, instruments }: Tools, now: () => number): LimitWatch {
  // Outside of every call a stage may be left open for ever: who looks at it no more lets go of it.
  const watched = new WeakMap<OpenStage['span'], { readonly limit: StageLimit; readonly timer?: NodeJS.Timeout }>();
  const counts = { warning: 0, critical: 0 };

  const breach = (stage: OpenStage, limit: StageLimit, found: { level: ThresholdLevel; valueMs: number }) => {
    const facts = limitFacts(limit, found);
    counts[found.level] += 1;
    stage.span.setAttribute(Attr.thresholdLevelOnSpan, found.level);
    stage.span.addEvent(SpanEvent.thresholdBreached, facts);
    const attributes = { ...facts, [Attr.stage]: stage.stage };
    const body = `${stage.name} took ${Math.round(found.valueMs)} ms, over its ${found.level} limit`;
    log({ event: LogEvent.thresholdBreached, severity: 'warn', body, context: stage.context, attributes });
    const labels = { threshold: facts[Attr.thresholdId] ?? '', level: found.level, stage: stage.stage };
    instruments.record(Metric.thresholdBreaches, 1, labels);
  };

  const reportStuck = (stage: OpenStage, limit: StageLimit) => {
    const valueMs = now() - stage.startedAtMs;
    const attributes = { ...limitFacts(limit, { level: 'critical', valueMs }), [Attr.stage]: stage.stage };
    stage.span.addEvent(SpanEvent.stageStuck, attributes);
    const body = `${stage.name} is still running after ${Math.round(valueMs)} ms`;
    log({ event: LogEvent.stageStuck, severity: 'warn', body, context: stage.context, attributes });
    instruments.record(Metric.stageStuck, 1, { stage: stage.stage });
  };

  const watch = (stage: OpenStage, limit: StageLimit) => {
    const leftMs = stage.startedAtMs + limit.criticalMs - now();
    if (leftMs > LONGEST_TIMER_MS) return watched.set(stage.span, { limit });
    // A timer may fire a little early, and exactly at the limit is not past it.
    const fire = () => (now() - stage.startedAtMs > limit.criticalMs ? reportStuck(stage, limit) : watch(stage, limit));
    const timer = setTimeout(fire, Math.max(0, leftMs) + 1);
    timer.unref();
    return watched.set(stage.span, { limit, timer });
  };

  return {
    get warnings() {
      return counts.warning;
    },
    get criticals() {
      return counts.critical;
    },
    stageStarted(stage) {
      const limit = findLimit(limits, stage.stage, stage.provider);
      if (limit) watch(stage, limit);
    },
    stageEnding(stage, endedAtMs) {
      const entry = watched.get(stage.span);
      if (!entry) return;
      watched.delete(stage.span);
      clearTimeout(entry.timer);
      const valueMs = endedAtMs - stage.startedAtMs;
      const { limit } = entry;
      const level = valueMs > limit.criticalMs ? 'critical' : valueMs > limit.warningMs ? 'warning' : undefined;
      if (level) breach(stage, limit, { level, valueMs });
    },
  };
}

/** What a breach of `limit` says of it, `valueMs` to a thousandth. */
export function limitFacts(
  limit: StageLimit,
  found: { readonly level: ThresholdLevel; readonly valueMs: number },
): Attributes {
  return {
    [Attr.thresholdId]: idOfLimit(limit),
    [Attr.thresholdLevel]: found.level,
    [Attr.thresholdLimitMs]: found.level === 'critical' ? limit.criticalMs : limit.warningMs,
    [Attr.thresholdValueMs]: Math.round(found.valueMs * 1000) / 1000,
  };
}

/** The name of a limit: its stage, with its provider where it has one. */
export function idOfLimit({ stage, provider }: StageLimit): string {
  return provider ? `${stage}.${provider}` : stage;
}
