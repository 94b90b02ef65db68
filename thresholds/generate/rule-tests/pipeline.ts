import { Metric } from 'callspan/conventions';
import type { Thresholds } from '../../model.ts';
import { recordsOf } from '../rules/limit-records.ts';
import { PIPELINE_WINDOW_MS } from '../rules/pipeline.ts';
import { Label, metricOf, SpanMetric } from '../rules/promql.ts';
import { enoughEvaluations } from '../rules/running.ts';
import { SERVICE, stepsOf } from './limit-cases.ts';
import { type Line, type Proof, provenBy } from './proofs.ts';
import { evaluationFrom, type Firing, fires, STEP_MS, seriesOf, type TestGroup, testGroup } from './test-file.ts';

const SEVERITY = { severity: 'warning' } as const;
const EXPORTER = { exporter: 'otlp_http/prometheus' } as const;

/** Alerts about what carries telemetry and alarms. */
export function pipelineTests(thresholds: Thresholds): readonly TestGroup[] {
  const { evaluationMs, pipeline } = thresholds;
  return [
    ...provenBy(
      [queueFull(thresholds), stalled(pipeline.forMs), ...listCounters(pipeline.forMs), overflow()],
      evaluationMs,
    ),
    bornCase(thresholds),
    restartedCase(thresholds),
    otherSpellings(thresholds),
    oneOfTwo(thresholds),
    ...boundTests(thresholds),
    ...collectorGone(thresholds),
    testGroup(
      'nothing at all: the watchdog fires',
      [],
      [
        fires(0, 'alertname="Watchdog"', [{ alertname: 'Watchdog', severity: 'none' }]),
        fires(STEP_MS * 40, 'alertname="Watchdog"', [{ alertname: 'Watchdog', severity: 'none' }]),
      ],
    ),
  ];
}

function queueFull({ pipeline: { queueShare, forMs } }: Thresholds): Proof {
  const lines = (share: number): readonly Line[] => [
    {
      series: seriesOf('otelcol_exporter_queue_size', { ...EXPORTER, data_type: 'traces' }),
      from: share * 1000,
      by: 0,
    },
    { series: seriesOf('otelcol_exporter_queue_capacity', { ...EXPORTER, data_type: 'traces' }), from: 1000, by: 0 },
    { series: seriesOf('otelcol_exporter_sent_spans', EXPORTER), by: 1 },
  ];
  return {
    firing: [{ alertname: 'CallspanPipelineQueueFull', ...SEVERITY, ...EXPORTER }],
    fromMs: 0,
    forMs,
    over: lines(1),
    justOver: lines(queueShare + 0.001),
    exactly: lines(queueShare),
    healthy: lines(0),
  };
}

function stalled(forMs: number): Proof {
  const labels = { exporter: 'otlp_grpc/tempo' };
  const lines = (waiting: number, sent?: number): readonly Line[] => [
    { series: seriesOf('otelcol_exporter_queue_size', { ...labels, data_type: 'traces' }), from: waiting, by: 0 },
    ...(sent === undefined ? [] : [{ series: seriesOf('otelcol_exporter_sent_spans', labels), by: sent }]),
  ];
  return {
    firing: [{ alertname: 'CallspanPipelineStalled', ...SEVERITY, ...labels }],
    fromMs: 0,
    forMs,
    over: lines(5),
    justOver: lines(1, 0),
    exactly: lines(1, 1),
    healthy: lines(0, 1),
  };
}

/** Long enough that Prometheus is not new any more. */
const OLD_STEPS = 60;

/** The first failure ever brings its series with it. */
function bornCase({ pipeline: { forMs }, evaluationMs }: Thresholds): TestGroup {
  const proofs = listCounters(forMs).filter(({ over }) => over.every(({ from }) => from === undefined));
  const bornMs = OLD_STEPS * STEP_MS;
  return testGroup(
    'the first failure ever: its series is born with it, and it is told',
    proofs.flatMap(({ over }) => over.map(({ series }) => ({ series, values: `_x${OLD_STEPS} 3+0x${OLD_STEPS}` }))),
    proofs
      .filter(({ forMs: lasts }) => lasts === 0)
      .flatMap(({ firing }) => {
        const matchers = `alertname=${JSON.stringify(firing[0]?.alertname)}`;
        return [
          fires(evaluationFrom(bornMs, evaluationMs) - evaluationMs, matchers, []),
          fires(evaluationFrom(bornMs, evaluationMs), matchers, firing),
          fires(evaluationFrom(bornMs, evaluationMs) + 11 * 60_000, matchers, []),
        ];
      }),
  );
}

/** A Prometheus that has just started sees every counter for the first time. */
function restartedCase({ pipeline: { forMs }, evaluationMs }: Thresholds): TestGroup {
  const proofs = listCounters(forMs).filter(({ forMs: lasts }) => lasts === 0);
  const enoughMs = (enoughEvaluations(2 * PIPELINE_WINDOW_MS, evaluationMs) - 1) * evaluationMs;
  const bornSteps = Math.floor((enoughMs - evaluationMs) / STEP_MS);
  return testGroup(
    'what Prometheus sees for the first time is new only when it has looked for long enough',
    proofs.flatMap(({ over }) => over.map(({ series }) => ({ series, values: `_x${bornSteps} 3+0x${OLD_STEPS}` }))),
    proofs.flatMap(({ firing }) => {
      const matchers = `alertname=${JSON.stringify(firing[0]?.alertname)}`;
      return [fires(enoughMs - evaluationMs, matchers, []), fires(enoughMs, matchers, firing)];
    }),
  );
}

/** Counters of which one is one too many. */
function listCounters(forMs: number): readonly Proof[] {
  const rows: readonly (readonly [string, string, Readonly<Record<string, string>>, number])[] = [
    ['CallspanPipelineSendFailed', 'otelcol_exporter_send_failed_spans_total', EXPORTER, 0],
    ['CallspanPipelineEnqueueFailed', 'otelcol_exporter_enqueue_failed_metric_points_total', EXPORTER, 0],
    ['CallspanPipelineRefused', 'otelcol_receiver_refused_log_records_total', { receiver: 'otlp' }, forMs],
    [
      'CallspanPipelineTracesIncomplete',
      metricOf(Metric.traceIncomplete),
      { [Label.service]: SERVICE, reason: 'disk_full' },
      0,
    ],
    ['CallspanPipelineRuleFailures', 'prometheus_rule_evaluation_failures_total', { rule_group: 'limits' }, 0],
    ['CallspanPipelineNotificationsFailed', 'alertmanager_notifications_failed_total', { integration: 'slack' }, 0],
  ];
  const counters = rows.map(([alertname, metric, labels, lastsMs]): Proof => {
    const line = (by: number): readonly Line[] => [{ series: seriesOf(metric, labels), by }];
    return {
      firing: [{ alertname, ...SEVERITY, ...labels }],
      fromMs: STEP_MS,
      forMs: lastsMs,
      over: line(100),
      justOver: line(1),
      exactly: line(0),
      healthy: line(0),
    };
  });
  return counters;
}

/** The series is there or not. */
function overflow(): Proof {
  const line = (labels: Readonly<Record<string, string>>): readonly Line[] => [
    { series: seriesOf(SpanMetric.calls, { [Label.service]: SERVICE, ...labels }), by: 1 },
  ];
  const told = line({ otel_metric_overflow: 'true' });
  return {
    firing: [{ alertname: 'CallspanPipelineSeriesOverflow', ...SEVERITY, [Label.service]: SERVICE }],
    fromMs: 0,
    forMs: 0,
    over: told,
    justOver: told,
    exactly: line({}),
    healthy: line({}),
  };
}

type Spelling = { readonly alertname: string; readonly metric: string; readonly label: string };

function listSpellings(): readonly Spelling[] {
  const ofCollector = ['spans', 'metric_points', 'log_records'].flatMap((signal) =>
    ['', '_total'].flatMap((total) => [
      {
        alertname: 'CallspanPipelineSendFailed',
        metric: `otelcol_exporter_send_failed_${signal}${total}`,
        label: 'exporter',
      },
      {
        alertname: 'CallspanPipelineEnqueueFailed',
        metric: `otelcol_exporter_enqueue_failed_${signal}${total}`,
        label: 'exporter',
      },
      { alertname: 'CallspanPipelineRefused', metric: `otelcol_receiver_refused_${signal}${total}`, label: 'receiver' },
    ]),
  );
  const ofPrometheus = { metric: 'prometheus_notifications_errors_total', label: 'alertmanager' };
  return [...ofCollector, { alertname: 'CallspanPipelineNotificationsFailed', ...ofPrometheus }];
}

/** Every name under which the same alert can come, each from an engine of its own. */
function otherSpellings({ pipeline: { forMs }, evaluationMs }: Thresholds): TestGroup {
  const spellings = listSpellings();
  const steps = stepsOf(forMs) + 8;
  const atMs = evaluationFrom((steps - 1) * STEP_MS, evaluationMs);
  const alerts = [...new Set(spellings.map(({ alertname }) => alertname))];
  const own = ({ metric, label }: Spelling) => ({ [label]: `of ${metric}` });
  return testGroup(
    'counters of every signal, with `_total` or without',
    spellings.map((one) => ({ series: seriesOf(one.metric, own(one)), values: `0+1x${steps}` })),
    alerts.map((alertname) => {
      const firing = spellings.filter((one) => one.alertname === alertname);
      return fires(
        atMs,
        `alertname="${alertname}"`,
        firing.map((one) => ({ alertname, ...SEVERITY, ...own(one) })),
      );
    }),
  );
}

/** Two Collectors, of which one delivers: it does not speak for the other. */
function oneOfTwo({ pipeline: { forMs }, evaluationMs }: Thresholds): TestGroup {
  const steps = stepsOf(forMs) + 8;
  const lines = (instance: string, waiting: number, sent: number) => [
    { series: seriesOf('otelcol_exporter_queue_size', { ...EXPORTER, instance }), values: `${waiting}+0x${steps}` },
    {
      series: seriesOf('otelcol_exporter_sent_metric_points', { ...EXPORTER, instance }),
      values: `0+${sent}x${steps}`,
    },
  ];
  const told = [{ alertname: 'CallspanPipelineStalled', ...SEVERITY, ...EXPORTER }];
  return testGroup(
    'one of two Collectors delivers nothing, the other does: told',
    [...lines('one:8888', 5, 0), ...lines('other:8888', 5, 10)],
    [fires(evaluationFrom((steps - 1) * STEP_MS, evaluationMs), 'alertname="CallspanPipelineStalled"', told)],
  );
}

const MISSING = 'CallspanPipelineBoundMissing';

/** Executions of a limit are counted, and what is over its bound is not. */
function boundTests({ limits, evaluationMs }: Thresholds): readonly TestGroup[] {
  return limits.length === 0
    ? []
    : (['warning', 'critical'] as const).map((missing) => {
        const forMs = Math.max(...limits.map(({ windowMs }) => windowMs));
        const steps = stepsOf(forMs) + 8;
        const series = limits.flatMap((limit, index) => {
          const { executions, over } = recordsOf(limit);
          const labels = { limit: limit.id, [Label.service]: SERVICE };
          const levels = (['warning', 'critical'] as const).filter((level) => index > 0 || level !== missing);
          return [
            { series: seriesOf(executions, labels), values: `20+0x${steps}` },
            ...levels.map((level) => ({ series: seriesOf(over, { ...labels, level }), values: `0+0x${steps}` })),
          ];
        });
        const told: readonly Firing[] = [
          { alertname: MISSING, ...SEVERITY, limit: limits[0]?.id ?? '', [Label.service]: SERVICE },
        ];
        const firesAtMs = evaluationFrom(forMs, evaluationMs);
        return testGroup(`of one limit the ${missing} bound is missing: told, of the others nothing`, series, [
          fires(firesAtMs - evaluationMs, `alertname="${MISSING}"`, []),
          fires(firesAtMs, `alertname="${MISSING}"`, told),
        ]);
      });
}

const GONE = 'alertname="CallspanPipelineCollectorGone"';

function collectorGone({ pipeline: { forMs }, evaluationMs }: Thresholds): readonly TestGroup[] {
  const told = [{ alertname: 'CallspanPipelineCollectorGone', severity: 'critical' }];
  const steps = stepsOf(forMs) + 8;
  const lastMs = (steps - 1) * STEP_MS;
  return ['otelcol_process_uptime', 'otelcol_process_uptime_total', 'otelcol_process_uptime_seconds_total'].map(
    (metric) =>
      testGroup(
        `${metric} vanishes: told when it is gone for long enough`,
        [{ series: seriesOf(metric, { job: 'collector' }), values: `0+15x${steps - 1} _x${2 * steps}` }],
        [
          fires(evaluationFrom(lastMs, evaluationMs), GONE, []),
          fires(evaluationFrom(lastMs + forMs, evaluationMs) - 2 * evaluationMs, GONE, []),
          fires(evaluationFrom(lastMs + forMs, evaluationMs) + evaluationMs, GONE, told),
        ],
      ),
  );
}
