import type { Thresholds } from '../model.ts';

/** `fieldConfig.defaults` of a Grafana panel: its unit, and steps drawn as dashed lines. */
type FieldDefaults = {
  readonly unit: 'ms' | 's' | 'bytes' | 'reqps';
  readonly thresholds: { readonly mode: 'absolute'; readonly steps: readonly Step[] };
  readonly custom: { readonly thresholdsStyle: { readonly mode: 'dashed' } };
};

/** A colour from a value on; null is the ground below every step. */
type Step = { readonly color: string; readonly value: number | null };

type Level = 'warning' | 'critical';

/** Told apart by colour-blind people, and from the page's colours of stages; a line stands beside its figure as well. */
const COLOUR: Readonly<Record<Level | 'ground', string>> = {
  ground: 'transparent',
  warning: 'orange',
  critical: 'red',
};

/** Steps for Grafana panels: of each limit by its id, and of the plain figures by the name that the thresholds give them. */
export function generateGrafana(thresholds: Thresholds): Readonly<Record<string, FieldDefaults>> {
  const { deadAir, eventLoopBlocked, http, memory, meanResponseGap } = thresholds;
  const limits = thresholds.limits.map((limit) => [limit.id, both(limit, 'ms')] as const);
  return {
    ...Object.fromEntries(limits),
    dead_air: both({ warningMs: deadAir.warningMs / 1000, criticalMs: deadAir.criticalMs / 1000 }, 's'),
    event_loop_blocked: both(eventLoopBlocked, 'ms'),
    http_server_errors: one('critical', http.serverErrorsPerSecond.above, 'reqps'),
    http_p95: one('warning', http.p95.aboveMs / 1000, 's'),
    memory: one('warning', memory.aboveBytes, 'bytes'),
    mean_response_gap: one('warning', meanResponseGap.aboveMs, 'ms'),
  };
}

function both(row: { readonly warningMs: number; readonly criticalMs: number }, unit: FieldDefaults['unit']) {
  return panel(unit, [step('warning', row.warningMs), step('critical', row.criticalMs)]);
}

function one(level: Level, value: number, unit: FieldDefaults['unit']) {
  return panel(unit, [step(level, value)]);
}

function step(level: Level, value: number): Step {
  return { color: COLOUR[level], value };
}

function panel(unit: FieldDefaults['unit'], steps: readonly Step[]): FieldDefaults {
  const ground = { color: COLOUR.ground, value: null };
  return {
    unit,
    thresholds: { mode: 'absolute', steps: [ground, ...steps] },
    custom: { thresholdsStyle: { mode: 'dashed' } },
  };
}
