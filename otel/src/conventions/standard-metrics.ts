import { BUCKETS, type MetricDescriptor } from './metrics.ts';

/** A metric under a name of OpenTelemetry's, with who records it. */
export type StandardMetricDescriptor = MetricDescriptor & { readonly recordedBy: string };

/** Metrics whose names OpenTelemetry fixes; `labels` are all that is kept of what an instrumentation puts on them. */
export const StandardMetric = {
  httpServerDuration: {
    name: 'http.server.request.duration',
    kind: 'histogram',
    unit: 's',
    labels: ['http.request.method', 'http.route', 'http.response.status_code', 'error.type'],
    meaning: 'requests that were answered',
    buckets: BUCKETS.duration,
    recordedBy: 'instrumentation-http; of Twilio’s webhooks the kit',
  },
  httpServerActive: {
    name: 'http.server.active_requests',
    kind: 'updown',
    unit: '{request}',
    labels: ['http.request.method'],
    meaning: 'requests that are being answered',
    recordedBy: 'the kit, for every server of the process',
  },
  httpClientDuration: {
    name: 'http.client.request.duration',
    kind: 'histogram',
    unit: 's',
    labels: ['http.request.method', 'server.address', 'http.response.status_code', 'error.type'],
    meaning: 'requests that were made, those to models included; not those of the spool, whose thread sends telemetry',
    buckets: BUCKETS.duration,
    recordedBy: 'instrumentation-http, instrumentation-undici; of requests to models by fetch the kit',
  },
  dbOperationDuration: {
    name: 'db.client.operation.duration',
    kind: 'histogram',
    unit: 's',
    labels: ['db.system.name', 'db.operation.name', 'db.collection.name', 'error.type'],
    meaning: 'database operations',
    buckets: BUCKETS.duration,
    recordedBy: 'instrumentation-pg; of `node:sqlite` the records service',
  },
  dbConnectionCount: {
    name: 'db.client.connection.count',
    kind: 'updown',
    unit: '{connection}',
    labels: ['db.client.connection.state'],
    meaning: 'database connections',
    recordedBy: 'instrumentation-pg',
  },
  processCpu: {
    name: 'process.cpu.utilization',
    kind: 'gauge',
    unit: '1',
    labels: [],
    meaning: 'share of the processors in use, since the collection before',
    recordedBy: 'the kit',
  },
  processMemory: {
    name: 'process.memory.usage',
    kind: 'updown',
    unit: 'By',
    labels: [],
    meaning: 'memory in use (resident)',
    recordedBy: 'the kit',
  },
  processUptime: {
    name: 'process.uptime',
    kind: 'gauge',
    unit: 's',
    labels: [],
    meaning: 'since the process started',
    recordedBy: 'the kit',
  },
  eventLoopUtilization: {
    name: 'nodejs.eventloop.utilization',
    kind: 'gauge',
    unit: '1',
    labels: [],
    meaning: 'share of the time in which the event loop was busy, since the collection before',
    recordedBy: 'the kit',
  },
  eventLoopTime: {
    name: 'nodejs.eventloop.time',
    kind: 'counter',
    unit: 's',
    labels: ['nodejs.eventloop.state'],
    meaning: 'time of the event loop: active, idle',
    recordedBy: 'the kit',
  },
  ...eventLoopDelays(),
} as const satisfies Readonly<Record<string, StandardMetricDescriptor>>;

function eventLoopDelays() {
  const delay = (statistic: string, words: string) =>
    ({
      name: `nodejs.eventloop.delay.${statistic}`,
      kind: 'gauge',
      unit: 's',
      labels: [],
      meaning: `how late the event loop is: ${words}, since the collection before`,
      recordedBy: 'the kit',
    }) as const satisfies StandardMetricDescriptor;
  return {
    eventLoopDelayMin: delay('min', 'least'),
    eventLoopDelayMax: delay('max', 'most'),
    eventLoopDelayMean: delay('mean', 'mean'),
    eventLoopDelayStddev: delay('stddev', 'standard deviation'),
    eventLoopDelayP50: delay('p50', 'median'),
    eventLoopDelayP90: delay('p90', '90th percentile'),
    eventLoopDelayP99: delay('p99', '99th percentile'),
  };
}
