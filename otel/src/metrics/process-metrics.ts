import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { availableParallelism } from 'node:os';
import { createNoopMeter, type Meter, metrics, type ObservableResult } from '@opentelemetry/api';
import { OTHER_VALUE } from '../conventions/closed-labels.ts';
import { Attr, type MetricDescriptor, QUIET_PATHS, SCOPE_NAME } from '../conventions/index.ts';
import { StandardMetric } from '../conventions/standard-metrics.ts';
import { observeEventLoop } from './event-loop.ts';

/** Other methods count as `_OTHER`, as the convention has it: a client chooses them. */
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
/** A collection sooner after the one before gets that one's figure. */
const SHORTEST_SAMPLE_MS = 1000;

/** Records processor, memory, uptime, event loop and open requests of this process, looked at when metrics are collected. */
export function observeProcess(meter: Meter = metrics.getMeter(SCOPE_NAME)): void {
  // No SDK, or one without a reader: nobody would look.
  if (meter === createNoopMeter()) return;
  observeEventLoop(meter);
  const readCpu = createCpuReader();
  observe(meter, StandardMetric.processCpu, (result) => result.observe(readCpu()));
  observe(meter, StandardMetric.processMemory, (result) => result.observe(process.memoryUsage.rss()));
  observe(meter, StandardMetric.processUptime, (result) => result.observe(process.uptime()));
  const active = countActiveRequests();
  observe(meter, StandardMetric.httpServerActive, (result) => {
    for (const [method, count] of active) result.observe(count, { [Attr.httpMethod]: method });
  });
}

function observe(
  meter: Meter,
  { name, kind, unit, meaning }: MetricDescriptor,
  look: (result: ObservableResult) => void,
) {
  const options = { unit, description: meaning };
  const made = kind === 'gauge' ? meter.createObservableGauge(name, options) : createUpDown(meter, name, options);
  made.addCallback(look);
}

const createUpDown = (meter: Meter, name: string, options: { readonly unit: string; readonly description: string }) =>
  meter.createObservableUpDownCounter(name, options);

/** The share of all processors that this process used since the sample before. */
function createCpuReader(): () => number {
  let [usage, atMs, share] = [process.cpuUsage(), performance.now(), 0];
  return () => {
    const nowMs = performance.now();
    if (nowMs - atMs < SHORTEST_SAMPLE_MS) return share;
    const { user, system } = process.cpuUsage(usage);
    share = (user + system) / 1000 / (nowMs - atMs) / availableParallelism();
    usage = process.cpuUsage();
    atMs = nowMs;
    return share;
  };
}

/** Requests that are being answered, by method; no instrumentation counts them. */
function countActiveRequests(): ReadonlyMap<string, number> {
  const active = new Map([
    ['GET', 0],
    ['POST', 0],
  ]);
  const add = (method: string, change: number) => active.set(method, (active.get(method) ?? 0) + change);
  subscribe('http.server.request.start', (message) => {
    const { request, response } = message as { readonly request: IncomingMessage; readonly response: ServerResponse };
    if (QUIET_PATHS.includes((request.url ?? '').split('?', 1)[0] ?? '')) return;
    const method = METHODS.includes(request.method ?? '') ? (request.method ?? '') : OTHER_VALUE;
    add(method, 1);
    response.once('close', () => add(method, -1));
  });
  return active;
}
