import { Attr } from 'callspan/conventions';
import { formatDuration } from '../../durations.ts';
import type { Limit, RatioRule } from '../../model.ts';
import { matchersOf, OWN_LABELS, recordsOf } from './limit-records.ts';
import { BY_EXECUTION, counted, Label, type Matcher, quote, SPAN_ERROR, SpanMetric, select } from './promql.ts';
import { type AlertRule, alarm, type RecordingRule, type Rule } from './rule-file.ts';
import { type Links, lookUp, OF_PROVIDER, runbook, since, spanLinks } from './words.ts';

type Level = 'warning' | 'critical';

/** Names of the series that rules record of the errors of a stage. */
export function errorRecordsOf({ windowMs }: Pick<Limit, 'windowMs'>) {
  const window = formatDuration(windowMs);
  return { errors: `callspan:stage_errors:increase${window}`, ratio: `callspan:stage_errors:ratio${window}` } as const;
}

const ALERT = { warning: 'CallspanStageErrorsWarning', critical: 'CallspanStageErrorsCritical' } as const;

/** Errors of a stage whose row asks for it, among the executions that the rules of its limit count before. */
export function errorRules(limit: Limit, links: Links): readonly Rule[] {
  const { warning, critical } = limit.errors ?? {};
  const alerts = [
    ...(warning ? [errorAlert(limit, 'warning', warning, links)] : []),
    ...(critical ? [errorAlert(limit, 'critical', critical, links)] : []),
  ];
  return alerts.length === 0 ? [] : [...recordErrors(limit), ...alerts];
}

function recordErrors(limit: Limit): readonly RecordingRule[] {
  const { executions } = recordsOf(limit);
  const { errors, ratio } = errorRecordsOf(limit);
  const own: Matcher = ['limit', '=', limit.id];
  const labels = { limit: limit.id };
  const by = BY_EXECUTION.join(', ');
  const failed = select(SpanMetric.calls, [...matchersOf(limit), [Label.spanStatus, '=', SPAN_ERROR]]);
  const all = select(executions, [own]);
  return [
    // A stage that never failed has no series of errors: it has 0.
    {
      record: errors,
      expr: `${counted(failed, limit.windowMs, BY_EXECUTION)}\nor 0 * sum by (${by}) (${all})`,
      labels,
    },
    { record: ratio, expr: `${select(errors, [own])}\n/ on (${by}) (${all} > 0)`, labels },
  ];
}

function errorAlert(limit: Limit, level: Level, rule: RatioRule, links: Links): AlertRule {
  const { id, stage, minExecutions, windowMs, keepFiringForMs } = limit;
  const { executions } = recordsOf(limit);
  const { errors, ratio } = errorRecordsOf(limit);
  const own: Matcher = ['limit', '=', id];
  const alert = ALERT[level];
  const failed = lookUp(errors, [`limit=${quote(id)}`], BY_EXECUTION, '{{ . | first | value | printf "%.0f" }} ');
  return alarm({
    alert,
    severity: level,
    expr: `sum by (${OWN_LABELS.join(', ')}) (${select(ratio, [own])}) > ${rule.ratio}\nand ${select(executions, [own])} >= ${minExecutions}`,
    forMs: rule.forMs,
    keepFiringForMs,
    labels: { limit: id },
    annotations: {
      summary: `${stage}${OF_PROVIDER} in {{ $labels.${Label.service} }} fails: {{ $value | humanizePercentage }} of the executions (allowed: ${Number((rule.ratio * 100).toFixed(3))}%)`,
      description: `${failed}failed executions in the last ${formatDuration(windowMs)}${since(alert, level, OWN_LABELS)}.`,
      runbook_url: runbook(alert, links),
      ...spanLinks(
        `span.${Attr.stage} = ${quote(stage)} && status = error`,
        { alert, severity: level, labels: OWN_LABELS, windowMs },
        links,
      ),
    },
  });
}
