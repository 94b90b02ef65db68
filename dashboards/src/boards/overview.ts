import { Attr, Metric, SEGMENTS, Stage } from 'callspan/conventions';
import { recordsOf } from '../../../thresholds/generate/rules/limit-records.ts';
import { Label, SPAN_ERROR, SpanMetric } from '../../../thresholds/generate/rules/promql.ts';
import { RULES_RUNNING } from '../../../thresholds/generate/rules/running.ts';
import type { Board, Row } from '../board.ts';
import { EngineMetric } from '../engine-metrics.ts';
import { figure, lines } from '../panels.ts';
import { engineSeries, inRange, mean, perSecond, quantile, recorded, series, share } from '../promql.ts';
import { prom, promValue, promWithCalls } from '../queries.ts';
import { serviceVariables } from '../variables.ts';
import { type BoardContext, runbookLink } from './context.ts';

/** The sign of life always fires. */
const FIRING = engineSeries(EngineMetric.alerts.name, ['alertstate', '=', 'firing'], ['alertname', '!=', 'Watchdog']);
/** What `span_metrics` calls a span that answers a request. */
const SERVER = ['span_kind', '=', 'SPAN_KIND_SERVER'] as const;
const FAILED = [Label.spanStatus, '=', SPAN_ERROR] as const;
const OF_GAP = [Label.stage, '=', Stage.responseGap] as const;
const gapBuckets = series(SpanMetric.bucket, OF_GAP);

/** Rate, errors and durations, and how long callers waited, against the limits. */
export function callOverview(context: BoardContext): Board {
  return {
    uid: 'callspan-overview',
    title: 'Callspan: call overview',
    description: 'How many calls, how long callers waited, what went wrong: where to look first.',
    variables: serviceVariables(),
    rows: [nowRow(context), waitRow(context), requestRow(context), callRow(context)],
  };
}

function nowRow(context: BoardContext): Row {
  const records = recordsOf(gapLimit(context));
  const over = recorded(records.overRatio, ['limit', '=', Stage.responseGap], ['level', '=', 'critical']);
  const stat = (title: string, unit: string, expr: string, description: string) =>
    figure({ title, unit, description, queries: [promValue(expr)] });
  return {
    title: 'Now',
    panels: [
      stat('Calls going on', 'short', `sum(${series(Metric.callActive)})`, 'Calls on the line at this moment.'),
      stat('Calls ended', 'short', inRange(series(Metric.callCount)), 'Calls that ended in the time shown.'),
      figure({
        title: 'Typical wait',
        unit: 'ms',
        description:
          'Half of the waits of the last 5 minutes were shorter. From the end of the caller’s speech to the first sound of the reply.',
        queries: [promValue(`histogram_quantile(0.5, sum by (le) (rate(${gapBuckets}[5m])))`)],
        limit: context.lines[Stage.responseGap],
      }),
      stat(
        'Waits over critical',
        'percentunit',
        `max(${over})`,
        'Share of waits over the critical limit in the window of its rule, counted at its exact bound; the worst service, in all environments.',
      ),
      stat(
        'Breaches',
        'short',
        inRange(series(Metric.thresholdBreaches)),
        'Executions of any stage that passed a limit in the time shown.',
      ),
      figure({
        title: 'Alarms firing',
        unit: 'short',
        description: 'Alarms that fire now, without the sign of life.',
        queries: [promValue(`count(${FIRING}) or 0 * count(${RULES_RUNNING})`)],
        links: runbookLink(context, 'README'),
      }),
    ],
  };
}

function gapLimit({ limits }: BoardContext) {
  const found = limits.find(({ id }) => id === Stage.responseGap);
  if (!found) throw new Error('the thresholds have no limit of the wait');
  return found;
}

function waitRow(context: BoardContext): Row {
  const records = recordsOf(gapLimit(context));
  const over = recorded(records.overRatio, ['limit', '=', Stage.responseGap]);
  const segments = series(SpanMetric.sum, [Label.stage, '=~', SEGMENTS.join('|')]);
  const executions = `scalar(${perSecond(series(SpanMetric.count, OF_GAP))} > 0)`;
  return {
    title: 'The caller’s wait',
    panels: [
      lines({
        title: 'Wait',
        unit: 'ms',
        description:
          'From the end of the caller’s speech until the reply is heard, with its limits. Points are calls: click one to open it.',
        queries: [0.5, 0.95, 0.99].map((q) => promWithCalls(quantile(q, gapBuckets), `p${q * 100}`)),
        limit: context.lines[Stage.responseGap],
        links: runbookLink(context, 'CallspanLimitCritical'),
      }),
      lines({
        title: 'Where the wait goes',
        unit: 'ms',
        description: 'The mean wait, cut into its seven segments: together they are the whole wait.',
        queries: [prom(`${perSecond(segments, Attr.stage)} / ${executions}`, '{{voice_stage}}')],
        isStacked: true,
      }),
      lines({
        title: 'Waits over the limits',
        unit: 'percentunit',
        description:
          'Share of waits over each limit, counted at its exact bound by the rules that alarm, in all environments.',
        queries: [prom(over, '{{level}} {{service_name}}')],
        links: runbookLink(context, 'CallspanLimitWarning'),
      }),
      lines({
        title: 'Mean wait',
        unit: 'ms',
        description: 'The mean over all waits, with the limit of its own alarm.',
        queries: [
          prom(
            mean(series(SpanMetric.sum, OF_GAP), series(SpanMetric.count, OF_GAP), Attr.serviceName),
            '{{service_name}}',
          ),
        ],
        limit: context.lines.mean_response_gap,
        links: runbookLink(context, 'CallspanMeanResponseGap'),
      }),
    ],
  };
}

function requestRow(context: BoardContext): Row {
  const all = perSecond(series(SpanMetric.calls, SERVER), Attr.serviceName);
  const failed = perSecond(series(SpanMetric.calls, SERVER, FAILED), Attr.serviceName);
  const buckets = series(SpanMetric.bucket, SERVER);
  return {
    title: 'Rate, errors, durations by service',
    panels: [
      lines({
        title: 'Requests',
        unit: 'reqps',
        description: 'Requests that each service answers a second. Health checks and scrapes are not counted.',
        queries: [prom(all, '{{service_name}}')],
        width: 8,
      }),
      lines({
        title: 'Failed requests',
        unit: 'percentunit',
        description: 'Share of requests that ended with an error.',
        queries: [prom(share(failed, all), '{{service_name}}')],
        links: runbookLink(context, 'CallspanHttpErrors'),
        width: 8,
      }),
      lines({
        title: 'Duration of requests',
        unit: 'ms',
        description: 'The slowest of twenty requests takes longer. Points are calls: click one to open it.',
        queries: [promWithCalls(quantile(0.95, buckets, Attr.serviceName), 'p95 {{service_name}}')],
        links: runbookLink(context, 'CallspanHttpSlow'),
        width: 8,
      }),
    ],
  };
}

function callRow(context: BoardContext): Row {
  const perMinute = (metric: Parameters<typeof series>[0], ...by: string[]) =>
    `60 * ${perSecond(series(metric), ...by)}`;
  return {
    title: 'Calls',
    panels: [
      lines({
        title: 'Calls going on',
        unit: 'short',
        description: 'Calls at the same time, by service.',
        queries: [prom(`sum by (service_name) (${series(Metric.callActive)})`, '{{service_name}}')],
        width: 8,
      }),
      lines({
        title: 'Calls a minute, by outcome',
        unit: 'short',
        description:
          'How calls ended: saved, no record, abandoned before a first turn, rejected, failed, interrupted by our own end.',
        queries: [prom(perMinute(Metric.callCount, Attr.callOutcome), '{{voice_call_outcome}}')],
        isStacked: true,
        width: 8,
      }),
      lines({
        title: 'Refused streams a minute',
        unit: 'short',
        description: 'Media streams that were refused, by reason. Somebody tries doors, or a secret differs.',
        queries: [prom(perMinute(Metric.callRejected, 'reason'), '{{reason}}')],
        width: 8,
      }),
      lines({
        title: 'Breaches a minute',
        unit: 'short',
        description: 'Executions that passed a limit, by limit and level.',
        queries: [prom(perMinute(Metric.thresholdBreaches, 'threshold', 'level'), '{{threshold}} {{level}}')],
        isStacked: true,
        links: runbookLink(context, 'CallspanLimitNotice'),
      }),
      lines({
        title: 'Stages that do not end',
        unit: 'short',
        description:
          'Stages a minute that ran past their critical limit, counted while they ran: a stage that hangs never ends its span.',
        queries: [prom(perMinute(Metric.stageStuck, 'stage'), '{{stage}}')],
        links: runbookLink(context, 'CallspanStageStuck'),
      }),
    ],
  };
}
