import { Metric, Stage } from 'callspan/conventions';
import type { Thresholds } from '../../model.ts';
import { COUNTED_WINDOW_MS, listCounted } from '../rules/counted.ts';
import { Label, metricOf, SpanMetric } from '../rules/promql.ts';
import { counterValues, type Phase } from './counters.ts';
import { SERVICE, stepsOf } from './limit-cases.ts';
import {
  evaluationFrom,
  type Firing,
  fires,
  type Series,
  STEP_MS,
  seriesOf,
  type TestGroup,
  testGroup,
} from './test-file.ts';

type Row = ReturnType<typeof listCounted>[number];
type Level = 'warning' | 'critical';

/** How many of each step are over the limits. */
type Over = { readonly steps: number; readonly each?: Readonly<Record<Level, number>>; readonly restarts?: boolean };
const NONE = { warning: 0, critical: 0 };
/** As long as one that was counted is seen, and some. */
const WINDOW_STEPS = stepsOf(COUNTED_WINDOW_MS);

/** Dead air, a blocked event loop, stuck stages: a single one is told. */
export function countedTests(thresholds: Thresholds): readonly TestGroup[] {
  const rows = listCounted(thresholds);
  const { evaluationMs } = thresholds;
  const one = (each: Readonly<Record<Level, number>>): readonly Over[] => [
    { steps: 8, each: NONE },
    { steps: 1, each },
    { steps: WINDOW_STEPS + 8, each: NONE },
  ];
  const seenMs = 8 * STEP_MS;
  const goneMs = evaluationFrom(7 * STEP_MS + COUNTED_WINDOW_MS, evaluationMs);
  const course = (name: string, over: readonly Over[], checks: readonly Check[]) =>
    countedCase(name, { rows, evaluationMs }, over, checks);
  return [
    course(
      'one over the warning limit is told at once, and for as long as it is seen',
      one({ warning: 1, critical: 0 }),
      [
        { atMs: seenMs - evaluationMs, levels: [] },
        { atMs: seenMs, levels: ['warning'] },
        { atMs: goneMs - 2 * evaluationMs, levels: ['warning'] },
        { atMs: goneMs + evaluationMs, levels: [] },
      ],
    ),
    course('one over the critical limit is told at once', one({ warning: 1, critical: 1 }), [
      { atMs: seenMs, levels: ['warning', 'critical'] },
      { atMs: goneMs + evaluationMs, levels: [] },
    ]),
    course('those that are exactly at the limits are not told', one(NONE), [{ atMs: seenMs, levels: [] }]),
    course(
      'the first one ever',
      [
        { steps: 8 },
        { steps: 1, each: NONE },
        { steps: 1, each: { warning: 1, critical: 1 } },
        { steps: 4, each: NONE },
      ],
      [{ atMs: 9 * STEP_MS, levels: ['warning', 'critical'] }],
    ),
    course(
      'counters start again, then their series vanish: nothing is told',
      [{ steps: 8, each: NONE }, { steps: 8, each: NONE, restarts: true }, { steps: 8 }],
      [10, 22].map((step) => ({ atMs: step * STEP_MS, levels: [] })),
    ),
    course(
      'one of long ago is not told again when counters start again',
      [...one({ warning: 1, critical: 1 }), { steps: 8, each: NONE, restarts: true }],
      [1, 3, 6].map((after) => ({ atMs: (8 + 1 + WINDOW_STEPS + 8 + after) * STEP_MS, levels: [] })),
    ),
    stuckCase(thresholds),
    stuckSilentCase(thresholds),
    stuckBeforeCase(thresholds),
  ];
}

type Check = { readonly atMs: number; readonly levels: readonly Level[] };

function countedCase(
  name: string,
  { rows, evaluationMs }: { readonly rows: readonly Row[]; readonly evaluationMs: number },
  course: readonly Over[],
  checks: readonly Check[],
): TestGroup {
  return testGroup(
    name,
    rows.flatMap((row) => seriesOfRow(row, course)),
    rows.flatMap((row) =>
      checks.map(({ atMs, levels }) =>
        fires(
          evaluationFrom(atMs, evaluationMs),
          `alertname=${JSON.stringify(row.alert)}`,
          levels.map((severity) => firingOf(row, severity)),
        ),
      ),
    ),
  );
}

function firingOf({ alert, limit }: Row, severity: string): Firing {
  return { alertname: alert, severity, limit, [Label.service]: SERVICE };
}

/** One span a step that is exactly at its limit, beside those that are over. */
function seriesOfRow({ span, warningMs, criticalMs }: Row, course: readonly Over[]): readonly Series[] {
  const labels = { [Label.service]: SERVICE, [Label.spanName]: span };
  const values = (by: (over: Readonly<Record<Level, number>>) => number) =>
    counterValues(course.map(({ each, ...rest }): Phase => ({ ...rest, ...(each ? { by: 1 + by(each) } : {}) })));
  return [
    { series: seriesOf(SpanMetric.count, labels), values: values(({ warning }) => warning) },
    { series: seriesOf(SpanMetric.bucket, { ...labels, le: String(warningMs) }), values: values(() => 0) },
    {
      series: seriesOf(SpanMetric.bucket, { ...labels, le: String(criticalMs) }),
      values: values(({ warning, critical }) => warning - critical),
    },
  ];
}

const STUCK = 'CallspanStageStuck';

function stuckSeries(phases: readonly Phase[]): readonly Series[] {
  const labels = { [Label.service]: SERVICE, stage: Stage.reply };
  return [{ series: seriesOf(metricOf(Metric.stageStuck), labels), values: counterValues(phases) }];
}

function stuckCase({ stageStuck: { severity }, notice, evaluationMs }: Thresholds): TestGroup {
  const keepMs = severity === 'notice' ? Math.max(0, notice.cooldownMs - COUNTED_WINDOW_MS) : 0;
  const goneMs = evaluationFrom(7 * STEP_MS + COUNTED_WINDOW_MS, evaluationMs) + keepMs;
  const told = [{ alertname: STUCK, severity, [Label.service]: SERVICE, [Label.stage]: Stage.reply }];
  const at = (atMs: number, firing: readonly Firing[]) =>
    fires(evaluationFrom(atMs, evaluationMs), `alertname=${JSON.stringify(STUCK)}`, firing);
  return testGroup(
    'a stage that hangs is told while it hangs',
    stuckSeries([
      { steps: 8, by: 0 },
      { steps: 1, by: 1 },
      { steps: stepsOf(goneMs), by: 0 },
    ]),
    [
      at(8 * STEP_MS - evaluationMs, []),
      at(8 * STEP_MS, told),
      at(goneMs - 2 * evaluationMs, told),
      at(goneMs + evaluationMs, []),
    ],
  );
}

function stuckSilentCase({ evaluationMs }: Thresholds): TestGroup {
  return testGroup(
    'no stage hangs, the process starts again, its series vanish: nothing is told',
    stuckSeries([{ steps: 8, by: 0 }, { steps: 8, by: 0, restarts: true }, { steps: 8 }]),
    [4, 12, 22].map((step) =>
      fires(evaluationFrom(step * STEP_MS, evaluationMs), `alertname=${JSON.stringify(STUCK)}`, []),
    ),
  );
}

/** Long after a stage hung, and was told, the process starts again. */
function stuckBeforeCase({ stageStuck, notice, evaluationMs }: Thresholds): TestGroup {
  const keptMs = stageStuck.severity === 'notice' ? notice.cooldownMs : 0;
  const quiet = stepsOf(COUNTED_WINDOW_MS + keptMs + 2 * evaluationMs) + 2;
  return testGroup(
    'a stage that hung long ago is not told again when the process starts again',
    stuckSeries([
      { steps: 8, by: 0 },
      { steps: 1, by: 1 },
      { steps: quiet, by: 0 },
      { steps: 8, by: 0, restarts: true },
    ]),
    [1, 3, 6].map((after) =>
      fires(evaluationFrom((9 + quiet + after) * STEP_MS, evaluationMs), `alertname=${JSON.stringify(STUCK)}`, []),
    ),
  );
}
