import { formatDuration } from '../../durations.ts';
import { toYaml } from '../rules/rule-file.ts';

/** Metrics come every 15 s. */
export const STEP_MS = 15_000;

/** One series of a test; values are a step apart, in promtool's notation. */
export type Series = { readonly series: string; readonly values: string };

/** An alert that fires, by all its labels but `alertstate`. */
export type Firing = { readonly alertname: string } & Readonly<Record<string, string>>;

type Sample = { readonly labels: string; readonly value: number };
type ExprTest = { readonly expr: string; readonly eval_time: string; readonly exp_samples: readonly Sample[] };
type AlertTest = {
  readonly eval_time: string;
  readonly alertname: string;
  readonly exp_alerts: readonly { readonly exp_labels: object; readonly exp_annotations: object }[];
};

/** One course of events (https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/). */
export type TestGroup = {
  readonly name: string;
  readonly interval: string;
  readonly start_timestamp?: string;
  readonly input_series: readonly Series[];
  readonly promql_expr_test: readonly ExprTest[];
  readonly alert_rule_test?: readonly AlertTest[];
};

/** A selector with every label given: `metric{a="b"}`. */
export function seriesOf(metric: string, labels: Readonly<Record<string, string>>): string {
  const inside = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `${metric}{${inside.join(',')}}`;
}

/** What fires at an instant, and nothing else that `matchers` select. @param atMs after the beginning */
export function fires(atMs: number, matchers: string, firing: readonly Firing[]): ExprTest {
  return expects(
    atMs,
    `ALERTS{alertstate="firing",${matchers}}`,
    firing.map((labels) => ({ labels: seriesOf('ALERTS', { ...labels, alertstate: 'firing' }), value: 1 })),
  );
}

/** The whole answer to a query. */
export function expects(atMs: number, expr: string, samples: readonly Sample[]): ExprTest {
  return { expr, eval_time: formatDuration(atMs), exp_samples: [...samples] };
}

/** A course of events in steps of {@link STEP_MS}. */
export function testGroup(
  name: string,
  series: readonly Series[],
  tests: readonly ExprTest[],
  startTimestamp?: string,
): TestGroup {
  return {
    name,
    interval: formatDuration(STEP_MS),
    ...(startTimestamp ? { start_timestamp: startTimestamp } : {}),
    input_series: series,
    promql_expr_test: tests,
  };
}

/** The first evaluation that is not before an instant. */
export function evaluationFrom(atMs: number, evaluationMs: number): number {
  return Math.ceil(atMs / evaluationMs) * evaluationMs;
}

/**
 * An evaluation from an instant on at which neither edge of a window is a sample, so that it does not matter whether edges
 * belong to it; the first one where there is none such (evaluations every 15 s).
 */
export function betweenSteps(fromMs: number, windowMs: number, evaluationMs: number): number {
  const first = evaluationFrom(fromMs, evaluationMs);
  const candidates = Array.from({ length: 10 }, (_, index) => first + index * evaluationMs);
  return candidates.find((atMs) => atMs % STEP_MS !== 0 && (atMs - windowMs) % STEP_MS !== 0) ?? first;
}

/** @param rules names of the files of rules that are tested, beside the folder of tests */
export function testFile(rules: readonly string[], evaluationMs: number, tests: readonly TestGroup[]): string {
  return toYaml({
    rule_files: rules.map((name) => `../rules/${name}.rules.generated.yaml`),
    evaluation_interval: formatDuration(evaluationMs),
    tests,
  });
}
