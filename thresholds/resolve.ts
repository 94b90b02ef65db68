import type { LimitLevel, Overrides } from './environment.ts';
import { resolveHours } from './hours.ts';
import { listLimitPlaces, resolveLimit } from './limit-rows.ts';
import type { OwnRule, TestSeries, Thresholds } from './model.ts';
import type { ThresholdsFile } from './schema.ts';

/** Limits that are no row: their keys in the file. */
export const COUNTED_IDS = ['dead_air', 'event_loop_blocked'] as const;

/** The file with its defaults and overrides applied. It is not checked for contradictions. */
export function resolveThresholds(file: ThresholdsFile, overrides: Overrides): Thresholds {
  const { keep_firing_for: keepFiringForMs } = file.defaults;
  const counted = (id: (typeof COUNTED_IDS)[number]) => {
    const figure = (level: LimitLevel) => overrides.get(`${id}.${level}`)?.valueMs ?? file[id][`${level}_ms`];
    return { warningMs: figure('warning'), criticalMs: figure('critical') };
  };
  const { traffic, working_hours: hours } = file;
  return {
    version: 1,
    maxCallDurationMs: file.max_call_duration,
    evaluationMs: file.evaluation,
    limits: listLimitPlaces(file).map((place) => resolveLimit(file, overrides, place)),
    notice: { cooldownMs: file.notice.cooldown },
    deadAir: counted('dead_air'),
    eventLoopBlocked: counted('event_loop_blocked'),
    stageStuck: { severity: file.stage_stuck.severity },
    objectives: Object.entries(file.objectives).map(([id, { limit, level, target, window }]) => ({
      id,
      limit,
      level,
      target,
      windowMs: window,
    })),
    ...(hours ? { workingHours: resolveHours(hours) } : {}),
    ...(traffic ? { traffic: { hours: resolveHours(traffic.hours), noneForMs: traffic.none_for } } : {}),
    services: Object.entries(file.services).map(([name, { gone_for }]) => ({ name, goneForMs: gone_for })),
    ...resolveProcessRules(file),
    ownRules: Object.entries(file.own_rules).map(([id, rule]) => resolveOwnRule(id, rule, keepFiringForMs)),
  };
}

type ProcessRules = Pick<
  Thresholds,
  'http' | 'memory' | 'meanResponseGap' | 'logErrors' | 'dependencyDown' | 'pipeline'
>;

function resolveProcessRules(file: ThresholdsFile): ProcessRules {
  const { server_errors: serverErrors, p95 } = file.http;
  return {
    http: {
      serverErrorsPerSecond: { above: serverErrors.above_per_second, forMs: serverErrors.for },
      p95: { aboveMs: p95.above_ms, forMs: p95.for },
    },
    memory: { aboveBytes: file.memory.above_mb * 1_000_000, forMs: file.memory.for },
    meanResponseGap: { aboveMs: file.mean_response_gap.above_ms, forMs: file.mean_response_gap.for },
    logErrors: { above: file.log_errors.above, windowMs: file.log_errors.window },
    dependencyDown: { forMs: file.dependency_down.for },
    pipeline: { queueShare: file.pipeline.queue_share, forMs: file.pipeline.for },
  };
}

type FileOwnRule = ThresholdsFile['own_rules'][string];

function resolveOwnRule(id: string, rule: FileOwnRule, keepFiringForMs: number): OwnRule {
  return {
    id,
    severity: rule.severity,
    expr: rule.expr,
    forMs: rule.for,
    keepFiringForMs: rule.keep_firing_for ?? keepFiringForMs,
    summary: rule.summary,
    labels: rule.labels ?? {},
    firing: listSeries(rule.firing),
    silent: listSeries(rule.silent),
  };
}

function listSeries(series: Readonly<Record<string, string>>): readonly TestSeries[] {
  return Object.entries(series).map(([name, values]) => ({ series: name, values }));
}
