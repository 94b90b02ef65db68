import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { findStatus, toViewerError, ViewerError, type ViewerErrorCode } from '../../domain/errors.ts';
import type { TelemetrySink } from '../../domain/ports.ts';
import type { Received } from '../../domain/telemetry.ts';
import { acceptLogs, acceptSpans } from './accept.ts';
import { acceptMetrics } from './accept-metrics.ts';
import { findContentType, formatAnswer, formatStatus, type OtlpFormat, type RejectedField } from './answers.ts';
import { OtlpDecodeError } from './decode-error.ts';
import { parseLogsJson } from './json-logs.ts';
import { parseMetricsJson } from './json-metrics.ts';
import { parseTracesJson } from './json-traces.ts';
import { type ByteBudget, readBody } from './request-body.ts';
import { parseLogsProtobuf } from './wire-logs.ts';
import { parseMetricsProtobuf } from './wire-metrics.ts';
import { parseTracesProtobuf } from './wire-traces.ts';

/** What the receiver needs: where telemetry goes, who may send it, and whom to tell of failures that are ours. */
export type ReceiverOptions = {
  readonly sink: TelemetrySink;
  /** Runs first; throws ViewerError for a sender that is not let in. */
  readonly admit: (request: IncomingMessage) => void;
  readonly onError: (error: unknown) => void;
};

type Signal = {
  readonly field: RejectedField;
  /** Decodes, keeps, and resolves when what it kept is stored. */
  take(bytes: Buffer, format: OtlpFormat): Promise<Received<unknown>>;
};

/** Codes of google.rpc.Status for our own. */
const GRPC_CODES: Readonly<Record<ViewerErrorCode, number>> = {
  bad_request: 3,
  too_large: 3,
  unsupported_media: 3,
  not_acceptable: 3,
  not_found: 5,
  forbidden_host: 7,
  method_not_allowed: 12,
  unsupported: 12,
  internal: 13,
  busy: 14,
  unauthorized: 16,
};

/**
 * OTLP/HTTP (https://opentelemetry.io/docs/specs/otlp/#otlphttp): `POST /v1/traces`, `/v1/logs`, `/v1/metrics` in protobuf or JSON, plain,
 * gzip or deflate; `POST /v1/pending` takes spans without an end. Answers come after the store has committed.
 */
export function createReceiver({ sink, admit, onError }: ReceiverOptions): RequestListener {
  const signals = createSignals(sink);
  const budget: ByteBudget = { held: 0 };
  return (request, response) => {
    receive({ request, signals, budget, admit }).then(
      ({ format, body }) => send(response, 200, format, body),
      (cause: unknown) => {
        const error =
          cause instanceof OtlpDecodeError ? new ViewerError('bad_request', cause.message) : toViewerError(cause);
        if (error.code === 'internal') onError(cause);
        sendError(request, response, error);
      },
    );
  };
}

function createSignals(sink: TelemetrySink): Readonly<Record<string, Signal>> {
  const spans = (open: boolean): Signal => ({
    field: 'rejectedSpans',
    async take(bytes, format) {
      const received = acceptSpans((format === 'json' ? parseTracesJson : parseTracesProtobuf)(bytes), { open });
      return withUnkept(received, await sink.saveSpans(received.kept));
    },
  });
  const logs: Signal = {
    field: 'rejectedLogRecords',
    async take(bytes, format) {
      const received = acceptLogs((format === 'json' ? parseLogsJson : parseLogsProtobuf)(bytes));
      return withUnkept(received, await sink.saveLogs(received.kept));
    },
  };
  const metrics: Signal = {
    field: 'rejectedDataPoints',
    async take(bytes, format) {
      const received = acceptMetrics((format === 'json' ? parseMetricsJson : parseMetricsProtobuf)(bytes));
      return withUnkept(received, await sink.saveMetrics(received.kept));
    },
  };
  return { '/v1/traces': spans(false), '/v1/pending': spans(true), '/v1/logs': logs, '/v1/metrics': metrics };
}

function withUnkept(received: Received<unknown>, unkept: number): Received<unknown> {
  if (unkept === 0) return received;
  return {
    ...received,
    rejected: received.rejected + unkept,
    reason: received.reason || 'the store cannot keep what was sent',
  };
}

type Incoming = Pick<ReceiverOptions, 'admit'> & {
  readonly request: IncomingMessage;
  readonly signals: Readonly<Record<string, Signal>>;
  readonly budget: ByteBudget;
};

async function receive({ request, signals, budget, admit }: Incoming): Promise<{ format: OtlpFormat; body: Buffer }> {
  admit(request);
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  const signal = Object.hasOwn(signals, path) ? signals[path] : undefined;
  if (!signal) throw new ViewerError('not_found', 'send to /v1/traces, /v1/logs, /v1/metrics or /v1/pending');
  if (request.method !== 'POST') throw new ViewerError('method_not_allowed', 'send telemetry with POST');
  const format = findFormat(request);
  if (!format) {
    throw new ViewerError('unsupported_media', 'the content type must be application/x-protobuf or application/json');
  }
  const { bytes, release } = await readBody(request, budget);
  try {
    return { format, body: formatAnswer(format, signal.field, await signal.take(bytes, format)) };
  } finally {
    release();
  }
}

function findFormat(request: IncomingMessage): OtlpFormat | undefined {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/json') return 'json';
  return type === 'application/x-protobuf' || type === 'application/protobuf' ? 'protobuf' : undefined;
}

function sendError(request: IncomingMessage, response: ServerResponse, error: ViewerError): void {
  if (response.headersSent || response.destroyed) return;
  const format = findFormat(request) ?? 'json';
  if (error.code === 'busy') response.setHeader('retry-after', '1');
  if (error.code === 'method_not_allowed') response.setHeader('allow', 'POST');
  // What is left of a refused body is not read: the connection cannot be used again.
  if (!request.complete) response.setHeader('connection', 'close');
  send(response, findStatus(error.code), format, formatStatus(format, GRPC_CODES[error.code], error.message));
}

function send(response: ServerResponse, status: number, format: OtlpFormat, body: Buffer): void {
  response.writeHead(status, { 'content-type': findContentType(format), 'content-length': body.length });
  response.end(body);
}
