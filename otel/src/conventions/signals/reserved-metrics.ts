import { BUCKETS, type MetricDescriptor } from '../metrics.ts';

type Row = readonly [
  name: string,
  kind: MetricDescriptor['kind'],
  unit: string,
  meaning: string,
  labels?: readonly string[],
];

const ROWS: readonly Row[] = [
  ['traces.span.metrics.calls', 'counter', '', 'spans that have ended, by name, stage, provider and status'],
  ['traces.span.metrics.duration', 'histogram', 'ms', 'their durations'],
  ['callspan.canary.success', 'gauge', '', 'a synthetic call went through', ['hop']],
  ['callspan.canary.duration', 'histogram', 's', 'how long it took', ['hop']],
  ['http.server.request.duration', 'histogram', 's', 'requests that were answered'],
  ['http.server.active_requests', 'updown', '{request}', 'requests that are being answered'],
  ['http.client.request.duration', 'histogram', 's', 'requests that were made'],
  ['db.client.operation.duration', 'histogram', 's', 'database operations'],
  ['db.client.connection.count', 'updown', '{connection}', 'database connections'],
  ['process.cpu.utilization', 'gauge', '1', 'share of the processors in use'],
  ['process.memory.usage', 'updown', 'By', 'memory in use'],
  ['nodejs.eventloop.utilization', 'gauge', '1', 'share of the time in which the event loop was busy'],
  ['nodejs.eventloop.delay.p99', 'gauge', 's', 'how late timers fire, 99th percentile; also min, max, mean, p50, p90'],
  ['process.uptime', 'gauge', 's', 'since the process started'],
];

/** Metrics whose names the contract fixes and that nothing in the kit records: other parts will, under these names. */
export const RESERVED_METRICS: readonly MetricDescriptor[] = ROWS.map(([name, kind, unit, meaning, labels = []]) => ({
  name,
  kind,
  unit,
  labels,
  meaning,
  ...(kind === 'histogram' ? { buckets: BUCKETS.duration } : {}),
}));
