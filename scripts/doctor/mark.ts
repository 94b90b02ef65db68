import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { Attr, DOCTOR_SIGNAL } from '../../otel/src/conventions/index.ts';

/** What is sent to see whether telemetry arrives. */
export type Mark = {
  readonly traceId: string;
  readonly spanId: string;
  /** Epoch seconds, with three digits: the value of the gauge. */
  readonly sentAtS: number;
};
export type MarkedSignal = 'traces' | 'logs' | 'metrics';

/** The `service.name` that marked telemetry has. */
export const MARKED_SERVICE = 'doctor';

/** A new mark, of now. */
export function createMark(): Mark {
  // Tempo's answers leave out zeros at the beginning of an id.
  const hex = (bytes: number) => `a${randomBytes(bytes).toString('hex').slice(1)}`;
  return { traceId: hex(16), spanId: hex(8), sentAtS: Date.now() / 1000 };
}

/** The mark as a request of OTLP/JSON. It names no call and counts as synthetic. */
export function formatMark(signal: MarkedSignal, { traceId, spanId, sentAtS }: Mark): string {
  const nano = `${Math.round(sentAtS * 1000)}000000`;
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const resource = {
    attributes: [
      text('service.name', MARKED_SERVICE),
      text('service.namespace', 'callspan'),
      text('host.name', hostname()),
      text('deployment.environment.name', process.env.CALLSPAN_ENVIRONMENT || 'development'),
    ],
  };
  const attributes = [
    { key: Attr.canary, value: { boolValue: true } },
    // Where calls are sampled, this is a reason to keep a trace.
    text(Attr.thresholdLevelOnSpan, 'critical'),
  ];
  const scope = { name: DOCTOR_SIGNAL };
  if (signal === 'traces') {
    const times = { startTimeUnixNano: nano, endTimeUnixNano: `${Math.round(sentAtS * 1000) + 1}000000` };
    const span = { traceId, spanId, name: DOCTOR_SIGNAL, kind: 1, ...times, attributes };
    return JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [span] }] }] });
  }
  if (signal === 'logs') {
    const body = { stringValue: 'sent by npm run doctor: nothing is wrong' };
    const severity = { severityNumber: 9, severityText: 'INFO' };
    const named = [text('event.name', DOCTOR_SIGNAL), ...attributes.slice(0, 1)];
    const record = { timeUnixNano: nano, observedTimeUnixNano: nano, ...severity, body, traceId, spanId };
    const logRecords = [{ ...record, eventName: DOCTOR_SIGNAL, attributes: named }];
    return JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords }] }] });
  }
  const dataPoints = [{ timeUnixNano: nano, asDouble: sentAtS }];
  const metric = { name: DOCTOR_SIGNAL, unit: 's', gauge: { dataPoints } };
  return JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics: [metric] }] }] });
}

/** The gauge as Prometheus names it. */
export const MARKED_SERIES = `${DOCTOR_SIGNAL.replaceAll('.', '_')}_seconds`;
