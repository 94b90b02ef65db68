import { Metric, Stage, StandardMetric } from 'callspan/conventions';
import type { Thresholds } from '../../model.ts';
import { Label, metricOf, SpanMetric } from '../rules/promql.ts';
import { rateWindow } from '../rules/services.ts';
import { MANY, SERVICE, stepsOf } from './limit-cases.ts';
import { type Proof, provenBy } from './proofs.ts';
import {
  evaluationFrom,
  expects,
  type Firing,
  fires,
  STEP_MS,
  seriesOf,
  type TestGroup,
  testGroup,
} from './test-file.ts';

/** Alerts about processes and what they need. */
export function serviceTests(thresholds: Thresholds): readonly TestGroup[] {
  const proofs = [
    httpErrors(thresholds),
    httpSlow(thresholds),
    memory(thresholds),
    meanGap(thresholds),
    logErrors(thresholds),
    dependency(thresholds),
  ];
  return [...provenBy(proofs, thresholds.evaluationMs), ...goneTests(thresholds)];
}

const OWN = { [Label.service]: SERVICE };

function firing(alertname: string, severity: string, labels: Readonly<Record<string, string>> = {}): readonly Firing[] {
  return [{ alertname, severity, ...OWN, ...labels }];
}

function httpErrors({ http }: Thresholds): Proof {
  // Its requests are not among those of the proof that one in twenty is slow.
  const other = 'records';
  const { above, forMs } = http.serverErrorsPerSecond;
  const duration = metricOf(StandardMetric.httpServerDuration);
  const aStep = (above * STEP_MS) / 1000;
  const windowSteps = stepsOf(rateWindow(forMs));
  const lines = (answers: Readonly<Record<string, number>>) =>
    Object.entries(answers).flatMap(([status, by]) => {
      const labels = { [Label.service]: other, http_response_status_code: status };
      const le = String(http.p95.aboveMs / 1000);
      return [
        { series: seriesOf(`${duration}_count`, labels), by },
        { series: seriesOf(`${duration}_bucket`, { ...labels, le }), by },
      ];
    });
  return {
    firing: firing('CallspanHttpErrors', 'critical', { [Label.service]: other }),
    windowMs: rateWindow(forMs),
    fromMs: STEP_MS,
    forMs,
    over: lines({ 200: 0, 503: 10 * windowSteps * aStep }),
    justOver: lines({ 200: 0, 500: 0.51 * aStep, 502: 0.51 * aStep }),
    exactly: lines({ 200: 0, 500: 0.99 * aStep }),
    healthy: lines({ 200: 0, 499: 10 * aStep, 500: 0 }),
  };
}

function httpSlow({ http }: Thresholds): Proof {
  const { aboveMs, forMs } = http.p95;
  const duration = metricOf(StandardMetric.httpServerDuration);
  const lines = (slow: number) => [
    { series: seriesOf(`${duration}_count`, { ...OWN, http_route: '/' }), by: MANY },
    {
      series: seriesOf(`${duration}_bucket`, { ...OWN, http_route: '/', le: String(aboveMs / 1000) }),
      by: MANY - slow,
    },
  ];
  const allowed = MANY / 20;
  return {
    firing: firing('CallspanHttpSlow', 'warning'),
    windowMs: rateWindow(forMs),
    fromMs: STEP_MS,
    forMs,
    over: lines(MANY),
    justOver: lines(allowed + 1),
    exactly: lines(allowed),
    healthy: lines(0),
  };
}

function memory({ memory: { aboveBytes, forMs } }: Thresholds): Proof {
  const line = (from: number) => [{ series: seriesOf(metricOf(StandardMetric.processMemory), OWN), from, by: 0 }];
  return {
    firing: firing('CallspanMemoryHigh', 'warning'),
    fromMs: 0,
    forMs,
    over: line(2 * aboveBytes),
    justOver: line(aboveBytes + 1),
    exactly: line(aboveBytes),
    healthy: line(aboveBytes / 2),
  };
}

function meanGap({ meanResponseGap: { aboveMs, forMs } }: Thresholds): Proof {
  const labels = { ...OWN, [Label.stage]: Stage.responseGap };
  const other = { ...OWN, [Label.stage]: Stage.reply };
  const lines = (meanMs: number) => [
    { series: seriesOf(SpanMetric.count, labels), by: 100 },
    { series: seriesOf(SpanMetric.sum, labels), by: 100 * meanMs },
    { series: seriesOf(SpanMetric.count, other), by: 100 },
    { series: seriesOf(SpanMetric.sum, other), by: 1000 * aboveMs },
  ];
  return {
    firing: firing('CallspanMeanResponseGap', 'warning'),
    windowMs: rateWindow(forMs),
    fromMs: STEP_MS,
    forMs,
    over: lines(2 * aboveMs),
    justOver: lines(aboveMs + 1),
    exactly: lines(aboveMs),
    healthy: lines(aboveMs / 2),
  };
}

/** So many in a window that is looked at between two steps. */
function logErrors({ logErrors: { above, windowMs } }: Thresholds): Proof {
  const series = (severity: string) => seriesOf(metricOf(Metric.logRecords), { ...OWN, severity });
  const increases = Math.ceil(windowMs / STEP_MS) - 1;
  const lines = (error: number) => [
    { series: series('warn'), by: 1000 },
    { series: series('error'), by: error / increases / 2 },
    { series: series('fatal'), by: error / increases / 2 },
  ];
  return {
    firing: firing('CallspanLogErrors', 'warning'),
    windowMs,
    fromMs: STEP_MS,
    forMs: 0,
    over: lines(4 * increases * (above + 1)),
    justOver: lines(above + 0.5),
    exactly: lines(above - 0.001),
    healthy: lines(0),
  };
}

function dependency({ dependencyDown: { forMs } }: Thresholds): Proof {
  const line = (name: string, from: number) => ({
    series: seriesOf(metricOf(Metric.dependencyUp), { ...OWN, dependency: name }),
    from,
    by: 0,
  });
  return {
    firing: firing('CallspanDependencyDown', 'critical', { dependency: 'database' }),
    fromMs: 0,
    forMs,
    over: [line('database', 0), line('models', 1)],
    justOver: [line('database', 0)],
    exactly: [line('database', 1)],
    healthy: [line('database', 1), line('models', 1)],
  };
}

const GONE = 'alertname="CallspanServiceGone"';

function goneTests({ services, evaluationMs }: Thresholds): readonly TestGroup[] {
  if (services.length === 0) return [];
  const uptime = (name: string, values: string) => ({
    series: seriesOf(metricOf(StandardMetric.processUptime), { [Label.service]: name }),
    values,
  });
  const all = services.map(({ name }) => ({
    alertname: 'CallspanServiceGone',
    severity: 'critical',
    [Label.service]: name,
  }));
  const longestMs = Math.max(...services.map(({ goneForMs }) => goneForMs));
  const steps = stepsOf(longestMs) + 20;
  const lastMs = (steps - 1) * STEP_MS;
  const silent = (atMs: number) => fires(evaluationFrom(atMs, evaluationMs), GONE, []);
  const of = (name: string) => `${GONE},${Label.service}=${JSON.stringify(name)}`;
  return [
    testGroup(
      'all services are there, and one starts again: silent',
      services.map(({ name }) => uptime(name, `0+15x${steps - 1} 0+15x20`)),
      [silent(lastMs), silent(lastMs + 2 * STEP_MS), silent(lastMs + 15 * STEP_MS)],
    ),
    testGroup(
      'services end: told when they are gone for long enough, and resolved when they are back',
      services.map(({ name }) => uptime(name, `0+15x${steps - 1} _x${steps} 0+15x${steps}`)),
      [
        ...services.flatMap(({ name, goneForMs }, index) => [
          fires(evaluationFrom(lastMs + goneForMs, evaluationMs) - 2 * evaluationMs, of(name), []),
          fires(evaluationFrom(lastMs + goneForMs, evaluationMs) + evaluationMs, of(name), [all[index] as Firing]),
        ]),
        silent((2 * steps + 2) * STEP_MS),
      ],
    ),
    testGroup(
      'nobody ever came: told, but not when Prometheus has only just started',
      [],
      [
        silent(0),
        silent(Math.max(0, Math.min(...services.map(({ goneForMs }) => goneForMs)) / 2 - evaluationMs)),
        fires(evaluationFrom(longestMs, evaluationMs), GONE, all),
      ],
    ),
    testGroup(
      'others with the same metric do not stand in for a service',
      [uptime('somebody', `0+15x${steps}`)],
      [
        fires(lastMs, GONE, all),
        expects(lastMs, 'count(ALERTS{alertname="CallspanServiceGone",service_name="somebody"})', []),
      ],
    ),
  ];
}
