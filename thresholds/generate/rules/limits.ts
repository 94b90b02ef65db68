import { Attr } from 'callspan/conventions';
import { formatDuration } from '../../durations.ts';
import type { Limit, Thresholds } from '../../model.ts';
import { errorRules } from './errors.ts';
import { matchersOf, OWN_LABELS, recordsOf } from './limit-records.ts';
import { BY_EXECUTION, counted, Label, type Matcher, quote, SpanMetric, select, within } from './promql.ts';
import { type AlertRule, alarm, type RecordingRule, type Rule, type RuleGroup } from './rule-file.ts';
import { type Links, lookUp, OF_PROVIDER, runbook, since, spanLinks } from './words.ts';

type Level = 'warning' | 'critical';
const LEVELS = ['warning', 'critical'] as const satisfies readonly Level[];

/** Warning, critical, notice and errors of every limit, from the executions counted over and within its bounds. */
export function limitGroups(thresholds: Thresholds, links: Links): readonly RuleGroup[] {
  const interval = formatDuration(thresholds.evaluationMs);
  return thresholds.limits.map((limit) => ({
    name: `callspan-limit-${limit.id}`,
    interval,
    rules: [
      ...recordLimit(limit),
      ...LEVELS.map((level) => shareAlert(limit, level, links)),
      noticeAlert(limit, thresholds.notice.cooldownMs, links),
      ...errorRules(limit, links),
    ] satisfies readonly Rule[],
  }));
}

function recordLimit(limit: Limit): readonly RecordingRule[] {
  const { id, windowMs } = limit;
  const { executions, over, overRatio } = recordsOf(limit);
  const own: Matcher = ['limit', '=', id];
  const matchers = matchersOf(limit);
  const all = counted(select(SpanMetric.count, matchers), windowMs, BY_EXECUTION);
  const by = BY_EXECUTION.join(', ');
  const levels = LEVELS.flatMap((level) => {
    const labels = { limit: id, level };
    const inside = counted(
      select(SpanMetric.bucket, [...matchers, within(msOf(limit, level))]),
      windowMs,
      BY_EXECUTION,
    );
    const counts = `sum by (${by}) (${select(executions, [own])})`;
    const ratio = `${select(over, [own, ['level', '=', level]])}\n/ on (${by}) (${select(executions, [own])} > 0)`;
    return [
      { record: over, expr: `${counts}\n- ${inside}`, labels },
      { record: overRatio, expr: ratio, labels },
    ];
  });
  return [{ record: executions, expr: all, labels: { limit: id } }, ...levels];
}

function msOf(limit: Limit, level: Level): number {
  return level === 'critical' ? limit.criticalMs : limit.warningMs;
}

const ALERT = { warning: 'CallspanLimitWarning', critical: 'CallspanLimitCritical' } as const;

function shareAlert(limit: Limit, level: Level, links: Links): AlertRule {
  const { id, stage, minExecutions, windowMs, keepFiringForMs } = limit;
  const { executions, overRatio } = recordsOf(limit);
  const { share, forMs } = limit[level];
  const limitMs = msOf(limit, level);
  const own: Matcher = ['limit', '=', id];
  const ratio = `sum without (level) (${select(overRatio, [own, ['level', '=', level]])})`;
  const percent = `${Number((share * 100).toFixed(3))}%`;
  return alarm({
    alert: ALERT[level],
    severity: level,
    expr: `${ratio} > ${share}\nand ${select(executions, [own])} >= ${minExecutions}`,
    forMs,
    keepFiringForMs,
    labels: { limit: id },
    annotations: {
      summary: `${stage}${OF_PROVIDER} in {{ $labels.${Label.service} }} is slow: {{ $value | humanizePercentage }} took over ${limitMs} ms (allowed: ${percent})`,
      description: `${howMany(limit)} in the last ${formatDuration(windowMs)}${since(ALERT[level], level, OWN_LABELS)}.`,
      runbook_url: runbook(ALERT[level], links),
      ...spanLinks(
        `span.${Attr.stage} = ${quote(stage)} && duration > ${limitMs}ms`,
        { alert: ALERT[level], severity: level, labels: OWN_LABELS, windowMs },
        links,
      ),
    },
  });
}

/** Told once: the execution stays in the window first, and the rest of the cooldown it is kept. */
function noticeAlert(limit: Limit, cooldownMs: number, links: Links): AlertRule {
  const { id, stage, criticalMs, windowMs } = limit;
  const { over } = recordsOf(limit);
  const alert = 'CallspanLimitNotice';
  return alarm({
    alert,
    severity: 'notice',
    expr: `sum without (level) (${select(over, [
      ['limit', '=', id],
      ['level', '=', 'critical'],
    ])}) > 0`,
    keepFiringForMs: Math.max(0, cooldownMs - windowMs),
    labels: { limit: id },
    annotations: {
      summary: `${stage}${OF_PROVIDER} in {{ $labels.${Label.service} }}: {{ $value | humanize }} took over ${criticalMs} ms`,
      description: `${howMany(limit)} in the last ${formatDuration(windowMs)}${since(alert, 'notice', OWN_LABELS)}. Not told again for ${formatDuration(cooldownMs)}.`,
      runbook_url: runbook(alert, links),
      ...spanLinks(
        `span.${Attr.stage} = ${quote(stage)} && duration > ${criticalMs}ms`,
        { alert, severity: 'notice', labels: OWN_LABELS, windowMs },
        links,
      ),
    },
  });
}

/** `120 executions`. */
function howMany(limit: Limit): string {
  const own = [`limit=${quote(limit.id)}`];
  const { executions } = recordsOf(limit);
  return `${lookUp(executions, own, BY_EXECUTION, '{{ . | first | value | printf "%.0f" }} ')}executions`;
}
