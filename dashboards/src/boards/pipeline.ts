import { Metric } from 'callspan/conventions';
import { BACKUP_METRIC } from '../../../thresholds/generate/rules/backup.ts';
import type { Board, Row } from '../board.ts';
import { EngineMetric } from '../engine-metrics.ts';
import { figure, lines, type PanelSpec } from '../panels.ts';
import { collectorCounter, engineSeries, perSecond, quantile, series } from '../promql.ts';
import { prom, promValue } from '../queries.ts';
import { serviceVariables } from '../variables.ts';
import { type BoardContext, runbookLink } from './context.ts';

type Signals = Readonly<Record<'spans' | 'points' | 'records', { readonly name: string }>>;
type More = Pick<PanelSpec, 'links' | 'isStacked'> & { readonly description: string };

/** A panel of a few named queries, three in a row. */
const third = (title: string, unit: string, queries: Readonly<Record<string, string>>, more: More) =>
  lines({
    title,
    unit,
    width: 8,
    queries: Object.entries(queries).map(([legend, expr]) => prom(expr, legend)),
    ...more,
  });

/** The way that telemetry takes, and the machine below it. */
export function pipelineAndHost(context: BoardContext): Board {
  return {
    uid: 'callspan-pipeline',
    title: 'Callspan: pipeline and host',
    description:
      'Whether telemetry arrives: kit, Collector, Loki, Tempo, Prometheus, Alertmanager, and the host below them.',
    variables: serviceVariables(),
    rows: [upRow(context), collectorRow(context), storeRow(), alarmRow(context), hostRow(context)],
  };
}

function upRow(context: BoardContext): Row {
  return {
    title: 'Here and there',
    panels: [
      figure({
        title: 'Engines that answer',
        unit: 'short',
        description: 'Engines that Prometheus can scrape, of those it should.',
        queries: [promValue(`sum(${EngineMetric.up.name})`, 'up'), promValue(`count(${EngineMetric.up.name})`, 'of')],
        links: runbookLink(context, 'CallspanPipelineCollectorGone'),
        width: 8,
      }),
      third(
        'Spans by state',
        'short',
        { '{{service_name}} {{state}}': `sum by (service_name, state) (${series(Metric.spans)})` },
        {
          description:
            'Spans that services have started, stored on their disk, delivered, and those that wait or were given up.',
        },
      ),
      third(
        'Traces that lost a span',
        'ops',
        { '{{reason}}': `${perSecond(series(Metric.traceIncomplete), 'reason')} or 0 * sum(${series(Metric.spans)})` },
        {
          description: 'Traces a second that are not whole, by reason; 0 is as it should be.',
          links: runbookLink(context, 'CallspanPipelineTracesIncomplete'),
        },
      ),
    ],
  };
}

/** Of all three signals, one query each, by the label of who takes or sends. */
function bySignal(metrics: Signals, by: string, zero?: Signals): Readonly<Record<string, string>> {
  const rate = ({ name }: { readonly name: string }) => perSecond(collectorCounter(name), by);
  return Object.fromEntries(
    (['spans', 'points', 'records'] as const).map((signal) => [
      `${signal} {{${by}}}`,
      // A counter of failures is there only after the first one.
      zero ? `${rate(metrics[signal])} or 0 * ${rate(zero[signal])}` : rate(metrics[signal]),
    ]),
  );
}

function collectorRow(context: BoardContext): Row {
  const { queueSize, queueCapacity, collectorMemory, collectorCpu } = EngineMetric;
  const fill = `max by (exporter, data_type) (${queueSize.name} / (${queueCapacity.name} > 0))`;
  return {
    title: 'Collector',
    panels: [
      third('Taken in', 'ops', bySignal(EngineMetric.accepted, 'receiver'), {
        description: 'Spans, metric points and log records that it takes a second.',
      }),
      third('Refused', 'ops', bySignal(EngineMetric.refused, 'receiver', EngineMetric.accepted), {
        description: 'What it refused, because its memory is full: senders keep it and try again.',
        links: runbookLink(context, 'CallspanPipelineRefused'),
      }),
      third('Sent on', 'ops', bySignal(EngineMetric.sent, 'exporter'), { description: 'What the stores have taken.' }),
      third('Failed for good', 'ops', bySignal(EngineMetric.sendFailed, 'exporter', EngineMetric.sent), {
        description: 'What a store refused: it is lost.',
        links: runbookLink(context, 'CallspanPipelineSendFailed'),
      }),
      third(
        'Queues',
        'percentunit',
        { '{{exporter}} {{data_type}}': fill },
        {
          description: 'How full the queues on its disk are. They fill while a store is away.',
          links: runbookLink(context, 'CallspanPipelineQueueFull'),
        },
      ),
      third(
        'Memory',
        'bytes',
        { resident: `max({__name__=~"${collectorMemory.name}(_bytes)?"})` },
        { description: 'Resident memory of the Collector.' },
      ),
      third(
        'Processor',
        'percentunit',
        { cores: perSecond(collectorCounter(collectorCpu.name)) },
        { description: 'Cores that it uses.' },
      ),
    ],
  };
}

function storeRow(): Row {
  const rate = ({ name }: { readonly name: string }, ...by: string[]) => perSecond(name, ...by);
  const p95 = ({ name }: { readonly name: string }) => quantile(0.95, `${name}_bucket`, 'route');
  return {
    title: 'Loki and Tempo',
    panels: [
      third(
        'Bytes taken',
        'Bps',
        { Loki: rate(EngineMetric.lokiBytes), Tempo: rate(EngineMetric.tempoBytes) },
        { description: 'What arrives at each store a second.' },
      ),
      third(
        'Lines and spans taken',
        'ops',
        { lines: rate(EngineMetric.lokiLines), spans: rate(EngineMetric.tempoSpans) },
        { description: 'Log lines and spans a second.' },
      ),
      third(
        'Discarded',
        'ops',
        {
          'Loki {{reason}}': `${rate(EngineMetric.lokiDiscarded, 'reason')} or 0 * ${rate(EngineMetric.lokiLines)}`,
          'Tempo {{reason}}': `${rate(EngineMetric.tempoDiscarded, 'reason')} or 0 * ${rate(EngineMetric.tempoSpans)}`,
        },
        {
          description:
            'What a store took and threw away, by reason: too old, too large, too much. 0 is as it should be.',
        },
      ),
      third(
        'Requests to Loki',
        's',
        { 'p95 {{route}}': p95(EngineMetric.lokiDuration) },
        { description: 'Duration of requests, 95th percentile.' },
      ),
      third(
        'Requests to Tempo',
        's',
        { 'p95 {{route}}': p95(EngineMetric.tempoDuration) },
        { description: 'Duration of requests, 95th percentile.' },
      ),
    ],
  };
}

function alarmRow(context: BoardContext): Row {
  const { prometheusSeries, prometheusSamples, ruleFailures, notifications, notificationsFailed } = EngineMetric;
  return {
    title: 'Prometheus and Alertmanager',
    panels: [
      third(
        'Series',
        'short',
        { series: `sum(${prometheusSeries.name})` },
        { description: 'Series of the last hours: its memory grows with them.' },
      ),
      third(
        'Samples a second',
        'ops',
        { samples: perSecond(prometheusSamples.name) },
        { description: 'Samples that Prometheus takes.' },
      ),
      third(
        'Rules that fail',
        'ops',
        { failures: perSecond(ruleFailures.name) },
        {
          description: 'Evaluations a second that failed: their alarms are not to be relied on.',
          links: runbookLink(context, 'CallspanPipelineRuleFailures'),
        },
      ),
      third(
        'Messages',
        'ops',
        { '{{integration}}': perSecond(notifications.name, 'integration') },
        { description: 'Messages of alarms that were sent.' },
      ),
      third(
        'Messages that failed',
        'ops',
        { '{{integration}}': perSecond(notificationsFailed.name, 'integration') },
        {
          description: 'Messages that nobody got.',
          links: runbookLink(context, 'CallspanPipelineNotificationsFailed'),
        },
      ),
    ],
  };
}

function hostRow(context: BoardContext): Row {
  const { hostCpu, hostMemory, hostDisk } = EngineMetric;
  const used = ({ name }: { readonly name: string }, by: string) =>
    `sum by (${by}) (${engineSeries(name, ['state', '=', 'used'])}) / sum by (${by}) (${name})`;
  const idle = perSecond(engineSeries(hostCpu.name, ['state', '=', 'idle']), 'host_name');
  return {
    title: 'Host (overlay host-metrics), and its backups',
    panels: [
      third(
        'Processor',
        'percentunit',
        { '{{host_name}}': `1 - ${idle} / ${perSecond(hostCpu.name, 'host_name')}` },
        { description: 'Share of all processors in use. Empty without the overlay host-metrics.' },
      ),
      third(
        'Memory',
        'percentunit',
        { '{{host_name}}': used(hostMemory, 'host_name') },
        { description: 'Share of memory in use.' },
      ),
      third(
        'Disks',
        'percentunit',
        { '{{host_name}} {{mountpoint}}': used(hostDisk, 'host_name, mountpoint') },
        { description: 'Share of each file system in use. A full disk stops the queues.' },
      ),
      third(
        'Age of the last backup',
        's',
        { age: `time() - max(last_over_time(${BACKUP_METRIC}[28d]))` },
        {
          description: 'One is made a day in production; empty where none is made.',
          links: runbookLink(context, 'CallspanBackupMissed'),
        },
      ),
    ],
  };
}
