import { Attr, Metric, SpanName } from 'callspan/conventions';
import { formatDuration } from '../../durations.ts';
import type { Thresholds } from '../../model.ts';
import { counted, Label, metricOf, quote, SpanMetric, select, within } from './promql.ts';
import { type AlertRule, alarm, type RuleGroup } from './rule-file.ts';
import { type Links, runbook, since, spanLinks } from './words.ts';

/** How long one that was counted is told: the window of every default rule. */
export const COUNTED_WINDOW_MS = 300_000;

type Row = {
  readonly alert: string;
  readonly limit: string;
  readonly span: string;
  readonly what: string;
  readonly warningMs: number;
  readonly criticalMs: number;
};

/** Spans that exist only where something was wrong, by the id of their limit. */
export function listCounted({ deadAir, eventLoopBlocked }: Thresholds): readonly Row[] {
  return [
    {
      alert: 'CallspanDeadAir',
      limit: 'dead_air',
      span: SpanName.deadAir,
      what: 'silences of both sides of the line',
      ...deadAir,
    },
    {
      alert: 'CallspanEventLoopBlocked',
      limit: 'event_loop_blocked',
      span: SpanName.eventLoopBlocked,
      what: 'times the process did nothing else, on calls that were going on,',
      ...eventLoopBlocked,
    },
  ];
}

/** What is counted, not shared: a single one over its limit fires. */
export function countedGroup(thresholds: Thresholds, links: Links): RuleGroup {
  const rows = listCounted(thresholds).flatMap((row) => [
    countedAlert(row, 'warning', links),
    countedAlert(row, 'critical', links),
  ]);
  return {
    name: 'callspan-counted',
    interval: formatDuration(thresholds.evaluationMs),
    rules: [...rows, stuckAlert(thresholds, links)],
  };
}

function countedAlert(row: Row, level: 'warning' | 'critical', links: Links): AlertRule {
  const { alert, limit, span, what } = row;
  const limitMs = level === 'critical' ? row.criticalMs : row.warningMs;
  const count = (metric: string, bound?: number) =>
    counted(
      select(metric, [[Label.spanName, '=', span], ...(bound === undefined ? [] : [within(bound)])]),
      COUNTED_WINDOW_MS,
      [Label.service],
    );
  return alarm({
    alert,
    severity: level,
    expr: `${count(SpanMetric.count)}\n- ${count(SpanMetric.bucket, limitMs)}\n> 0`,
    labels: { limit },
    annotations: {
      summary: `{{ $value | humanize }} ${what} of over ${limitMs} ms in {{ $labels.${Label.service} }}`,
      description: `In the last ${formatDuration(COUNTED_WINDOW_MS)}${since(alert, level, [Label.service])}. A single one is told.`,
      runbook_url: runbook(alert, links),
      ...spanLinks(
        `name = ${quote(span)} && duration > ${limitMs}ms`,
        { alert, severity: level, labels: [Label.service], windowMs: COUNTED_WINDOW_MS },
        links,
      ),
    },
  });
}

/** A stage that hangs has no span yet: the process counts it while it hangs. */
function stuckAlert({ stageStuck: { severity }, notice }: Thresholds, links: Links): AlertRule {
  const alert = 'CallspanStageStuck';
  const stuck = counted(metricOf(Metric.stageStuck), COUNTED_WINDOW_MS, [Label.service, 'stage']);
  const named = `label_replace(\n${stuck},\n"${Label.stage}", "$1", "stage", "(.*)")`;
  return alarm({
    alert,
    severity,
    expr: `sum by (${Label.service}, ${Label.stage}) (${named}) > 0`,
    ...(severity === 'notice' ? { keepFiringForMs: Math.max(0, notice.cooldownMs - COUNTED_WINDOW_MS) } : {}),
    annotations: {
      summary: `{{ $labels.${Label.stage} }} in {{ $labels.${Label.service} }} runs past its critical limit ({{ $value | humanize }} times)`,
      description: `Told while it runs${since(alert, severity, [Label.service, Label.stage])}: its span comes when it ends, if it ends.`,
      runbook_url: runbook(alert, links),
      calls_url: `${links.pageUrl}/`,
      traceql: `{ span.${Attr.stage} = "{{ $labels.${Label.stage} }}" && event.${Attr.thresholdId} != nil }`,
    },
  });
}
