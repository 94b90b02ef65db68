import { Metric, SpanName, Stage, StandardMetric } from 'callspan/conventions';
import { COUNTED_WINDOW_MS } from '../generate/rules/counted.ts';
import { PIPELINE_WINDOW_MS } from '../generate/rules/pipeline.ts';
import { Label } from '../generate/rules/promql.ts';
import { rateWindow } from '../generate/rules/services.ts';
import type { Thresholds } from '../model.ts';
import { BOT, type Day, RECORDS } from './day.ts';
import type { Expected } from './expected.ts';
import { MINUTE_MS, type Part } from './part.ts';

/** Longer than any rule waits before it fires. */
const LASTS_MS = 15 * MINUTE_MS;
const SLACK_MS = 4 * MINUTE_MS;
const MODEL = 'openai';
const QUEUE_CAPACITY = 1000;
const QUEUE_USUAL = 10;
const EXPORTER = { exporter: 'otlp_http/prometheus' } as const;

/** A Collector that delivers what it gets. */
export function tellCollector(day: Day): void {
  day.engine('otelcol_process_uptime_seconds', { [Label.service]: 'otelcol' }, (atMs) => atMs / 1000);
  day.engine('otelcol_exporter_queue_capacity', EXPORTER, () => QUEUE_CAPACITY);
  day.engine('otelcol_exporter_queue_size', EXPORTER, () => QUEUE_USUAL);
  day.engine('otelcol_exporter_sent_metric_points', EXPORTER, (atMs) => atMs);
  day.engine('otelcol_exporter_send_failed_metric_points', EXPORTER, () => 0);
}

/** What breaks on the day of the outage, one after the other, with the alarms that must follow. */
export function outageParts(thresholds: Thresholds, atHour: (hour: number) => number): readonly Part[] {
  return [
    modelsDown(thresholds, atHour(9)),
    ...(thresholds.services.some(({ name }) => name === BOT) ? [botGone(thresholds, atHour(11))] : []),
    recordsBroken(thresholds, atHour(13)),
    memoryHigh(thresholds, atHour(15)),
    loopBlocked(thresholds, atHour(16)),
    queueFull(thresholds, atHour(17)),
  ];
}

/** Replies and extractions fail, callers hear nothing, the log fills. */
function modelsDown(thresholds: Thresholds, fromMs: number): Part {
  const { deadAir, dependencyDown, logErrors, stageStuck, notice } = thresholds;
  const toMs = fromMs + LASTS_MS;
  const ofBot = { [Label.service]: BOT };
  const during = (alert: string, labels: Readonly<Record<string, string>>, tailMs: number) =>
    expect({ alert, labels: { ...ofBot, ...labels }, fromMs, toMs: toMs + tailMs });
  return {
    fromMs,
    toMs,
    trouble: { failing: [Stage.reply, Stage.extraction] },
    happen(day) {
      for (let atMs = fromMs; atMs < toMs; atMs += MINUTE_MS) {
        day.note(SpanName.deadAir, atMs, deadAir.criticalMs + 1000);
        for (let line = 0; line < logErrors.above; line += 1) {
          day.count(Metric.logRecords, { ...ofBot, severity: 'error' }, atMs + line * 1000);
        }
        day.count(Metric.stageStuck, { ...ofBot, stage: Stage.reply }, atMs);
      }
      const up = (atMs: number) => (atMs >= fromMs && atMs < toMs ? 0 : 1);
      day.gauge(Metric.dependencyUp, { ...ofBot, dependency: MODEL }, up);
    },
    expected: [
      during('CallspanDependencyDown', { dependency: MODEL }, dependencyDown.forMs),
      during('CallspanLogErrors', {}, logErrors.windowMs),
      during('CallspanDeadAir', { severity: 'warning' }, COUNTED_WINDOW_MS),
      during('CallspanDeadAir', { severity: 'critical' }, COUNTED_WINDOW_MS),
      during('CallspanStageStuck', { severity: stageStuck.severity }, COUNTED_WINDOW_MS + notice.cooldownMs),
    ],
  };
}

function botGone({ services, traffic }: Thresholds, fromMs: number): Part {
  const goneForMs = services.find(({ name }) => name === BOT)?.goneForMs ?? 0;
  const toMs = fromMs + goneForMs + LASTS_MS;
  return {
    fromMs,
    toMs,
    gaps: [{ keeper: BOT, fromMs, toMs }],
    expected: [
      expect({ alert: 'CallspanServiceGone', labels: { [Label.service]: BOT }, fromMs, toMs }),
      // By how long no call is unusual, this is long or it is not.
      ...(traffic
        ? [{ alert: 'CallspanNoCalls', labels: {}, must: false, fromMs, toMs: toMs + traffic.noneForMs }]
        : []),
    ],
  };
}

/** Records answers slowly and with errors; the outbox tries again and again. */
function recordsBroken({ http, limits }: Thresholds, fromMs: number): Part {
  const toMs = fromMs + LASTS_MS;
  const { serverErrorsPerSecond, p95 } = http;
  const save = limits.find(({ stage }) => stage === Stage.save);
  const everyMs = 1000 / (4 * serverErrorsPerSecond.above);
  const ofRecords = { [Label.service]: RECORDS };
  const tailMs = (forMs: number) => rateWindow(forMs) + forMs;
  return {
    fromMs,
    toMs,
    trouble: { failing: [Stage.save], slowMs: { [Stage.save]: 2 * (save?.criticalMs ?? 1000) } },
    happen(day) {
      for (let atMs = fromMs; atMs < toMs; atMs += everyMs) {
        day.answer({ service: RECORDS, atMs, durationMs: 2 * p95.aboveMs, status: 503 });
      }
    },
    expected: [
      expect({
        alert: 'CallspanHttpErrors',
        labels: ofRecords,
        fromMs,
        toMs: toMs + tailMs(serverErrorsPerSecond.forMs),
      }),
      expect({ alert: 'CallspanHttpSlow', labels: ofRecords, fromMs, toMs: toMs + tailMs(p95.forMs) }),
    ],
  };
}

function memoryHigh({ memory }: Thresholds, fromMs: number): Part {
  const toMs = fromMs + memory.forMs + LASTS_MS;
  const used = (atMs: number) => memory.aboveBytes * (atMs >= fromMs && atMs < toMs ? 1.2 : 0.4);
  return {
    fromMs,
    toMs,
    happen: (day) => day.gauge(StandardMetric.processMemory, { [Label.service]: BOT }, used),
    expected: [expect({ alert: 'CallspanMemoryHigh', labels: { [Label.service]: BOT }, fromMs, toMs })],
  };
}

function loopBlocked({ eventLoopBlocked }: Thresholds, fromMs: number): Part {
  const toMs = fromMs + MINUTE_MS;
  const blocked = (severity: string) =>
    expect({
      alert: 'CallspanEventLoopBlocked',
      labels: { [Label.service]: BOT, severity },
      fromMs,
      toMs: toMs + COUNTED_WINDOW_MS,
    });
  return {
    fromMs,
    toMs,
    happen: (day) => day.note(SpanName.eventLoopBlocked, fromMs, 2 * eventLoopBlocked.criticalMs),
    expected: [blocked('warning'), blocked('critical')],
  };
}

/** The Collector cannot deliver: its queue fills, nothing leaves it. */
function queueFull({ pipeline }: Thresholds, fromMs: number): Part {
  const toMs = fromMs + pipeline.forMs + LASTS_MS;
  const isFull = (atMs: number) => atMs >= fromMs && atMs < toMs;
  const stuckMs = (atMs: number) => Math.max(0, Math.min(atMs, toMs) - fromMs);
  const told = (alert: string, tailMs: number) => expect({ alert, labels: EXPORTER, fromMs, toMs: toMs + tailMs });
  return {
    fromMs,
    toMs,
    happen(day) {
      const full = QUEUE_CAPACITY * (1 + pipeline.queueShare) * 0.5;
      day.engine('otelcol_exporter_queue_size', EXPORTER, (atMs) => (isFull(atMs) ? full : QUEUE_USUAL));
      day.engine('otelcol_exporter_sent_metric_points', EXPORTER, (atMs) => atMs - stuckMs(atMs));
      day.engine('otelcol_exporter_send_failed_metric_points', EXPORTER, stuckMs);
    },
    expected: [
      told('CallspanPipelineQueueFull', 0),
      told('CallspanPipelineStalled', 0),
      told('CallspanPipelineSendFailed', PIPELINE_WINDOW_MS),
    ],
  };
}

function expect({ fromMs, toMs, ...named }: Omit<Expected, 'must'>): Expected {
  return { ...named, must: true, fromMs, toMs: toMs + SLACK_MS };
}
