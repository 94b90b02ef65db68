import { Attr } from 'callspan/conventions';
import { toAttributes } from './otlp-json.ts';

/** One log record as a service of ours sends it: what is not given is not there. */
export type SentRecord = {
  readonly service: string;
  readonly body: string;
  readonly traceId: string;
  readonly callSid?: string;
  /** The name of the event, where it is one. */
  readonly event?: string;
  /** Milliseconds since 1970; now unless told. */
  readonly atMs?: number;
};

const RESOURCE = {
  'service.namespace': 'callspan',
  'service.version': '1.0.0',
  'service.instance.id': 'a-random-id',
  'deployment.environment.name': 'test',
  'host.name': 'some-host',
} as const;

/** An OTLP/JSON export request of these records, one resource each. */
export function toLogRequest(records: readonly SentRecord[]): string {
  const resourceLogs = records.map(({ service, body, traceId, callSid, event, atMs = Date.now() }) => ({
    resource: { attributes: toAttributes({ ...RESOURCE, 'service.name': service }) },
    scopeLogs: [
      {
        scope: { name: 'Bootstrap' },
        logRecords: [
          {
            timeUnixNano: `${atMs}000000`,
            severityNumber: 9,
            severityText: 'INFO',
            body: { stringValue: body },
            traceId,
            spanId: traceId.slice(0, 16),
            attributes: toAttributes({
              ...(callSid ? { [Attr.conversationId]: callSid } : {}),
              ...(event ? { 'event.name': event } : {}),
            }),
          },
        ],
      },
    ],
  }));
  return JSON.stringify({ resourceLogs });
}
