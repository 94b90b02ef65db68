import { type EventLoopUtilization, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { BatchObservableResult, Meter, Observable } from '@opentelemetry/api';
import { type MetricDescriptor, StandardMetric } from '../conventions/index.ts';

/**
 * The native monitor wakes the process so often: at 20 ms and more often it cost a quarter of a per cent of a core where
 * this was measured, a tenth of what a call costs.
 */
const RESOLUTION_MS = 50;
/** A collection sooner after the one before sees that one's delays: two readers do not take them from each other. */
const SHORTEST_WINDOW_MS = 1000;
const NS_PER_SECOND = 1e9;

type Delays = Readonly<Record<'min' | 'max' | 'mean' | 'stddev' | 'p50' | 'p90' | 'p99', number>>;

/** What is read of Node's monitor: nanoseconds, its own interval included. */
export type DelayMonitor = Pick<
  ReturnType<typeof monitorEventLoopDelay>,
  'count' | 'min' | 'max' | 'mean' | 'stddev' | 'percentile' | 'reset'
>;

/**
 * Records delay, utilization and time of the event loop, looked at when metrics are collected.
 * @param monitor tests; default Node's own
 */
export function observeEventLoop(meter: Meter, monitor: DelayMonitor = startMonitor()): void {
  const readDelays = createDelayReader(monitor);
  const readUtilization = createUtilizationReader();
  const gauges = {
    min: createGauge(meter, StandardMetric.eventLoopDelayMin),
    max: createGauge(meter, StandardMetric.eventLoopDelayMax),
    mean: createGauge(meter, StandardMetric.eventLoopDelayMean),
    stddev: createGauge(meter, StandardMetric.eventLoopDelayStddev),
    p50: createGauge(meter, StandardMetric.eventLoopDelayP50),
    p90: createGauge(meter, StandardMetric.eventLoopDelayP90),
    p99: createGauge(meter, StandardMetric.eventLoopDelayP99),
  };
  const utilization = createGauge(meter, StandardMetric.eventLoopUtilization);
  const { name, unit, meaning: description } = StandardMetric.eventLoopTime;
  const time = meter.createObservableCounter(name, { unit, description });
  const [stateKey] = StandardMetric.eventLoopTime.labels;
  const look = (result: BatchObservableResult) => {
    const delays = readDelays();
    if (delays) for (const [key, value] of Object.entries(delays)) result.observe(gauges[key as keyof Delays], value);
    result.observe(utilization, readUtilization());
    const { active, idle } = performance.eventLoopUtilization();
    result.observe(time, active / 1000, { [stateKey]: 'active' });
    result.observe(time, idle / 1000, { [stateKey]: 'idle' });
  };
  meter.addBatchObservableCallback(look, [...Object.values(gauges), utilization, time]);
}

function startMonitor(): DelayMonitor & { disable(): void } {
  const monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  monitor.enable();
  return monitor;
}

/** Of what the monitor measures, from one look of its own to the next, what is longer than its interval is the delay. */
function lateNs(ns: number): number {
  return Math.max(0, ns - RESOLUTION_MS * 1e6);
}

/** How late the event loop was since it was last asked, for those who tell it without the SDK. */
export type LoopDelay = { p99Ms(): number; stop(): void };

/** @param monitor tests; default Node's own */
export function watchLoopDelay(monitor: DelayMonitor & { disable(): void } = startMonitor()): LoopDelay {
  return {
    p99Ms() {
      // Without a look yet its percentile is nothing that was measured.
      const ms = monitor.count === 0 ? 0 : lateNs(monitor.percentile(99)) / 1e6;
      monitor.reset();
      return ms;
    },
    stop: () => void monitor.disable(),
  };
}

function createGauge(meter: Meter, { name, unit, meaning: description }: MetricDescriptor): Observable {
  return meter.createObservableGauge(name, { unit, description });
}

/** Delays in seconds since the look before; undefined while there are none. */
function createDelayReader(histogram: DelayMonitor): () => Delays | undefined {
  let [delays, atMs]: [Delays | undefined, number] = [undefined, Number.NEGATIVE_INFINITY];
  return () => {
    const nowMs = performance.now();
    if (histogram.count === 0 || nowMs - atMs < SHORTEST_WINDOW_MS) return delays;
    const late = (ns: number) => lateNs(ns) / NS_PER_SECOND;
    delays = {
      min: late(histogram.min),
      max: late(histogram.max),
      mean: late(histogram.mean),
      stddev: histogram.stddev / NS_PER_SECOND,
      p50: late(histogram.percentile(50)),
      p90: late(histogram.percentile(90)),
      p99: late(histogram.percentile(99)),
    };
    histogram.reset();
    atMs = nowMs;
    return delays;
  };
}

/** The share of the time since the look before in which the loop was busy. */
function createUtilizationReader(): () => number {
  let [before, share, atMs]: [EventLoopUtilization, number, number] = [
    performance.eventLoopUtilization(),
    0,
    Number.NEGATIVE_INFINITY,
  ];
  return () => {
    const nowMs = performance.now();
    if (nowMs - atMs < SHORTEST_WINDOW_MS) return share;
    const now = performance.eventLoopUtilization();
    share = performance.eventLoopUtilization(now, before).utilization;
    [before, atMs] = [now, nowMs];
    return share;
  };
}
