import { Metric } from 'callspan/conventions';
import { formatDuration } from '../../durations.ts';
import type { Limit, Thresholds } from '../../model.ts';
import { recordsOf } from './limit-records.ts';
import { counted, Label, metricOf, SpanMetric, select } from './promql.ts';
import { type AlertRule, alarm, type RuleGroup } from './rule-file.ts';
import { lookedFor, runningRule } from './running.ts';
import { type Links, runbook, since } from './words.ts';

/** How far back errors of the pipeline are counted. */
export const PIPELINE_WINDOW_MS = 300_000;
const GROUP = 'callspan-pipeline';
const SIGNALS = ['spans', 'metric_points', 'log_records'] as const;

type Watch = {
  readonly alert: string;
  readonly expr: string;
  readonly forMs?: number;
  readonly severity?: 'warning' | 'critical';
  readonly by: readonly string[];
  readonly summary: string;
  readonly description: string;
};

/** Whether what the other rules look at arrives, is evaluated and is told. */
export function pipelineGroup(thresholds: Thresholds, links: Links): RuleGroup {
  const watches = [
    ...watchCollector(thresholds),
    ...watchKit(thresholds.evaluationMs),
    ...boundWatches(thresholds.limits),
    ...watchAlerting(thresholds.evaluationMs),
  ];
  return {
    name: GROUP,
    interval: formatDuration(thresholds.evaluationMs),
    rules: [runningRule(GROUP), watchdog(links), ...watches.map((watch) => toAlert(watch, links))],
  };
}

/** It always fires: where it is not heard, nothing would be. */
function watchdog(links: Links): AlertRule {
  return alarm({
    alert: 'Watchdog',
    severity: 'none',
    expr: 'vector(1)',
    annotations: {
      summary: 'Alarms work: this one always fires',
      description: 'Whoever receives it tells somebody when it stops coming.',
      runbook_url: runbook('Watchdog', links),
    },
  });
}

function toAlert({ alert, severity = 'warning', by, description, ...rest }: Watch, links: Links): AlertRule {
  const { summary, expr, forMs = 0 } = rest;
  const told = `${description}${since(alert, severity, by)}.`;
  return alarm({
    alert,
    severity,
    expr,
    forMs,
    annotations: { summary, description: told, runbook_url: runbook(alert, links) },
  });
}

/**
 * PromQL, true where a counter rose, or was born above 0: the engines' own counters are not there before the first failure.
 * One that is new to Prometheus because Prometheus is new does not count.
 */
function happened(counter: string, by: readonly string[], evaluationMs: number): string {
  const window = formatDuration(PIPELINE_WINDOW_MS);
  return [
    `(${counted(counter, PIPELINE_WINDOW_MS, by)}\n> 0)`,
    `or (\n  sum by (${by.join(', ')}) (last_over_time(${counter}[${window}]) unless last_over_time(${counter}[${window}] offset ${window})) > 0`,
    `  and on () ${lookedFor(GROUP, 2 * PIPELINE_WINDOW_MS, evaluationMs)}\n)`,
  ].join('\n');
}

/** The Collector writes its counters with `_total` or without, by how its metrics are read. */
export function collectorMetric(name: string): string {
  return `{__name__=~"${name}(_total)?"}`;
}

function watchCollector({ pipeline, evaluationMs }: Thresholds): readonly Watch[] {
  const { queueShare, forMs } = pipeline;
  const of = (what: string, by: string) =>
    SIGNALS.map((signal) => happened(collectorMetric(`${what}_${signal}`), [by], evaluationMs)).join('\nor ');
  const window = formatDuration(PIPELINE_WINDOW_MS);
  return [
    {
      alert: 'CallspanPipelineCollectorGone',
      severity: 'critical',
      expr: `absent_over_time({__name__=~"otelcol_process_uptime(_seconds)?(_total)?"}[${formatDuration(forMs)}])\nand on () ${lookedFor(GROUP, forMs, evaluationMs)}`,
      by: [],
      summary: `The Collector is gone: nothing of its own for ${formatDuration(forMs)}`,
      description: 'Without it no limit is watched',
    },
    {
      alert: 'CallspanPipelineQueueFull',
      expr: `max by (exporter) (otelcol_exporter_queue_size / (otelcol_exporter_queue_capacity > 0)) > ${queueShare}`,
      forMs,
      by: ['exporter'],
      summary: `The Collector's queue to {{ $labels.exporter }} is {{ $value | humanizePercentage }} full (allowed: ${Number((queueShare * 100).toFixed(3))}%)`,
      description: 'What does not fit any more is refused',
    },
    stalled(forMs),
    {
      alert: 'CallspanPipelineSendFailed',
      expr: of('otelcol_exporter_send_failed', 'exporter'),
      by: ['exporter'],
      summary: `The Collector gave up {{ $value | humanize }} items for {{ $labels.exporter }} in ${window}`,
      description: 'They were refused for good, or tried too long',
    },
    {
      alert: 'CallspanPipelineEnqueueFailed',
      expr: of('otelcol_exporter_enqueue_failed', 'exporter'),
      by: ['exporter'],
      summary: `The Collector's queue to {{ $labels.exporter }} took {{ $value | humanize }} items less than came, in ${window}`,
      description: 'These are lost unless their sender tries again',
    },
    {
      alert: 'CallspanPipelineRefused',
      expr: of('otelcol_receiver_refused', 'receiver'),
      forMs,
      by: ['receiver'],
      summary: `The Collector refuses what {{ $labels.receiver }} brings: {{ $value | humanize }} items in ${window}`,
      description: 'Senders keep it and try again, until their disk is full',
    },
    {
      alert: 'CallspanPipelineSeriesOverflow',
      expr: `count by (${Label.service}) (${select(SpanMetric.calls, [['otel_metric_overflow', '=', 'true']])}) > 0`,
      by: [Label.service],
      summary: `{{ $labels.${Label.service} }} has more series than the Collector counts apart: limits are measured without the rest`,
      description: 'A label has too many values',
    },
  ];
}

/**
 * Failures that are tried again are counted nowhere: something waits, and nothing leaves. Of several Collectors each is
 * looked at by itself, or those that deliver would speak for the one that does not.
 */
function stalled(forMs: number): Watch {
  const each = ['exporter', 'instance'];
  const sent = SIGNALS.map(
    (signal) => `(${counted(collectorMetric(`otelcol_exporter_sent_${signal}`), PIPELINE_WINDOW_MS, each)}\n> 0)`,
  );
  return {
    alert: 'CallspanPipelineStalled',
    expr: `max by (exporter) (\nmax by (${each.join(', ')}) (otelcol_exporter_queue_size) > 0\nunless (\n${sent.join('\nor ')}\n)\n)`,
    forMs,
    by: ['exporter'],
    summary: 'A Collector delivers nothing to {{ $labels.exporter }}: {{ $value | humanize }} wait in its queue',
    description: 'It tries again and again',
  };
}

function watchKit(evaluationMs: number): readonly Watch[] {
  return [
    {
      alert: 'CallspanPipelineTracesIncomplete',
      expr: happened(metricOf(Metric.traceIncomplete), [Label.service, 'reason'], evaluationMs),
      by: [Label.service, 'reason'],
      summary: `{{ $value | humanize }} traces of {{ $labels.${Label.service} }} lost a span in ${formatDuration(PIPELINE_WINDOW_MS)}: {{ $labels.reason }}`,
      description: 'Their calls are shown with a hole',
    },
  ];
}

/** A limit is measured at its bound: where the Collector does not know it yet, its alerts would be silent for ever. */
function boundWatches(limits: readonly Limit[]): readonly Watch[] {
  const windows = [...new Set(limits.map(({ windowMs }) => windowMs))];
  if (windows.length === 0) return [];
  const missing = windows.flatMap((windowMs) => {
    const { executions, over } = recordsOf({ windowMs });
    return ['warning', 'critical'].map(
      (level) => `(${executions} > 0 unless on (limit, ${Label.service}) ${over}{level="${level}"})`,
    );
  });
  return [
    {
      alert: 'CallspanPipelineBoundMissing',
      expr: `max by (limit, ${Label.service}) (\n${missing.map((line) => `  ${line}`).join('\n  or\n')}\n)`,
      forMs: Math.max(...windows),
      by: ['limit', Label.service],
      summary: `The limit {{ $labels.limit }} is not measured in {{ $labels.${Label.service} }}: its bound is missing from the histogram`,
      description: 'The Collector runs with other bounds than the rules',
    },
  ];
}

function watchAlerting(evaluationMs: number): readonly Watch[] {
  const window = formatDuration(PIPELINE_WINDOW_MS);
  return [
    {
      alert: 'CallspanPipelineRuleFailures',
      expr: happened('prometheus_rule_evaluation_failures_total', ['rule_group'], evaluationMs),
      by: ['rule_group'],
      summary: `Prometheus could not evaluate rules of {{ $labels.rule_group }}: {{ $value | humanize }} times in ${window}`,
      description: 'Their alerts are not to be relied on',
    },
    {
      alert: 'CallspanPipelineNotificationsFailed',
      expr: [
        happened('alertmanager_notifications_failed_total', ['integration'], evaluationMs),
        happened('prometheus_notifications_errors_total', ['alertmanager'], evaluationMs),
      ].join('\nor '),
      by: [],
      summary: `{{ $value | humanize }} alarms could not be told in ${window}: {{ or $labels.integration $labels.alertmanager }}`,
      description: 'Somebody has not heard what they should have',
    },
  ];
}
