import { Attr, Metric, Stage, StandardMetric } from 'callspan/conventions';
import { formatDuration } from '../../durations.ts';
import type { Thresholds } from '../../model.ts';
import { counted, Label, metricOf, quote, SpanMetric, select, within } from './promql.ts';
import { type AlertRule, alarm, type RuleGroup } from './rule-file.ts';
import { lookedFor, runningRule } from './running.ts';
import { type Links, runbook, since, spanLinks } from './words.ts';

/** Below this a rate has too few samples to be one. */
const SHORTEST_RATE_MS = 60_000;
const OF_SERVICE = `{{ $labels.${Label.service} }}`;
const BY = [Label.service] as const;
const GROUP = 'callspan-services';

/** What is wrong with a process or with what it needs. */
export function serviceGroup(thresholds: Thresholds, links: Links): RuleGroup {
  return {
    name: GROUP,
    interval: formatDuration(thresholds.evaluationMs),
    rules: [
      runningRule(GROUP),
      ...thresholds.services.map((service) => goneAlert(service, thresholds.evaluationMs, links)),
      httpErrorsAlert(thresholds, links),
      httpSlowAlert(thresholds, links),
      memoryAlert(thresholds, links),
      meanGapAlert(thresholds, links),
      logErrorsAlert(thresholds, links),
      dependencyAlert(thresholds, links),
    ],
  };
}

/** How far back a rule looks that has to hold for `forMs`: one event alone is out of sight before it fires. */
export function rateWindow(forMs: number): number {
  return Math.max(SHORTEST_RATE_MS, forMs);
}

function goneAlert(service: Thresholds['services'][number], evaluationMs: number, links: Links): AlertRule {
  const { name, goneForMs } = service;
  const alert = 'CallspanServiceGone';
  const uptime = select(metricOf(StandardMetric.processUptime), [[Label.service, '=', name]]);
  const gone = formatDuration(goneForMs);
  return alarm({
    alert,
    severity: 'critical',
    expr: `absent_over_time(${uptime}[${gone}])\nand on () ${lookedFor(GROUP, goneForMs, evaluationMs)}`,
    labels: { [Label.service]: name },
    annotations: {
      summary: `${name} is gone: no sign of life for ${gone}`,
      description: `A service says every 15 s that it is there${since(alert, 'critical', BY)}. It has ended, or what it sends does not arrive.`,
      runbook_url: runbook(alert, links),
      calls_url: `${links.pageUrl}/`,
    },
  });
}

function httpErrorsAlert({ http }: Thresholds, links: Links): AlertRule {
  const { above, forMs } = http.serverErrorsPerSecond;
  const alert = 'CallspanHttpErrors';
  const window = formatDuration(rateWindow(forMs));
  const failed = select(`${metricOf(StandardMetric.httpServerDuration)}_count`, [
    ['http_response_status_code', '=~', '5..'],
  ]);
  return alarm({
    alert,
    severity: 'critical',
    expr: `sum by (${BY.join(', ')}) (rate(${failed}[${window}])) > ${above}`,
    forMs,
    annotations: {
      summary: `${OF_SERVICE} answers {{ printf "%.2f" $value }} requests a second with 5xx (allowed: ${above})`,
      description: `Over the last ${window}${since(alert, 'critical', BY)}.`,
      runbook_url: runbook(alert, links),
      ...spanLinks(
        'kind = server && span.http.response.status_code >= 500',
        { alert, severity: 'critical', labels: BY, windowMs: rateWindow(forMs) },
        links,
      ),
    },
  });
}

/** More than one in twenty over the limit is the same as a 95th percentile over it, without guessing between bounds. */
function httpSlowAlert({ http }: Thresholds, links: Links): AlertRule {
  const { aboveMs, forMs } = http.p95;
  const alert = 'CallspanHttpSlow';
  const windowMs = rateWindow(forMs);
  const duration = metricOf(StandardMetric.httpServerDuration);
  const all = counted(`${duration}_count`, windowMs, BY);
  const inside = counted(select(`${duration}_bucket`, [within(aboveMs / 1000)]), windowMs, BY);
  return alarm({
    alert,
    severity: 'warning',
    expr: `(\n${all}\n- ${inside}\n)\n/ (${all} > 0)\n> 0.05`,
    forMs,
    annotations: {
      summary: `${OF_SERVICE} answers slowly: {{ $value | humanizePercentage }} of its requests took over ${aboveMs} ms, its 95th percentile is above it`,
      description: `Over the last ${formatDuration(windowMs)}${since(alert, 'warning', BY)}.`,
      runbook_url: runbook(alert, links),
      ...spanLinks(
        `kind = server && duration > ${aboveMs}ms`,
        { alert, severity: 'warning', labels: BY, windowMs },
        links,
      ),
    },
  });
}

function memoryAlert({ memory }: Thresholds, links: Links): AlertRule {
  const alert = 'CallspanMemoryHigh';
  return alarm({
    alert,
    severity: 'warning',
    expr: `max by (${BY.join(', ')}) (${metricOf(StandardMetric.processMemory)}) > ${memory.aboveBytes}`,
    forMs: memory.forMs,
    annotations: {
      summary: `${OF_SERVICE} uses {{ $value | humanize }}B of memory (allowed: ${memory.aboveBytes / 1_000_000} MB)`,
      description: `Resident, for more than ${formatDuration(memory.forMs)}${since(alert, 'warning', BY)}.`,
      runbook_url: runbook(alert, links),
    },
  });
}

function meanGapAlert({ meanResponseGap }: Thresholds, links: Links): AlertRule {
  const { aboveMs, forMs } = meanResponseGap;
  const alert = 'CallspanMeanResponseGap';
  const window = formatDuration(rateWindow(forMs));
  const part = (metric: string) =>
    `sum by (${BY.join(', ')}) (rate(${select(metric, [[Label.stage, '=', Stage.responseGap]])}[${window}]))`;
  return alarm({
    alert,
    severity: 'warning',
    expr: `${part(SpanMetric.sum)}\n/ (${part(SpanMetric.count)} > 0)\n> ${aboveMs}`,
    forMs,
    annotations: {
      summary: `Callers of ${OF_SERVICE} wait {{ printf "%.0f" $value }} ms on average (allowed: ${aboveMs} ms)`,
      description: `From the end of their speech to the first sound of the answer, over the last ${window}${since(alert, 'warning', BY)}.`,
      runbook_url: runbook(alert, links),
      ...spanLinks(
        `span.${Attr.stage} = ${quote(Stage.responseGap)} && duration > ${aboveMs}ms`,
        { alert, severity: 'warning', labels: BY, windowMs: rateWindow(forMs) },
        links,
      ),
    },
  });
}

function logErrorsAlert({ logErrors }: Thresholds, links: Links): AlertRule {
  const { above, windowMs } = logErrors;
  const alert = 'CallspanLogErrors';
  const errors = select(metricOf(Metric.logRecords), [['severity', '=~', 'error|fatal']]);
  return alarm({
    alert,
    severity: 'warning',
    expr: `${counted(errors, windowMs, BY)}\n> ${above}`,
    annotations: {
      summary: `${OF_SERVICE} wrote {{ $value | humanize }} errors to its log in ${formatDuration(windowMs)} (allowed: ${above})`,
      description: `Lines of severity error and fatal${since(alert, 'warning', BY)}.`,
      runbook_url: runbook(alert, links),
      ...spanLinks('status = error', { alert, severity: 'warning', labels: BY, windowMs }, links),
    },
  });
}

function dependencyAlert({ dependencyDown }: Thresholds, links: Links): AlertRule {
  const alert = 'CallspanDependencyDown';
  const labels = [Label.service, 'dependency'];
  return alarm({
    alert,
    severity: 'critical',
    expr: `min by (${labels.join(', ')}) (${metricOf(Metric.dependencyUp)}) == 0`,
    forMs: dependencyDown.forMs,
    annotations: {
      summary: `{{ $labels.dependency }} does not answer ${OF_SERVICE}`,
      description: `For more than ${formatDuration(dependencyDown.forMs)}${since(alert, 'critical', labels)}.`,
      runbook_url: runbook(alert, links),
      calls_url: `${links.pageUrl}/`,
    },
  });
}
