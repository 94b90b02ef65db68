import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { parseLogsJson } from '../../../services/viewer/adapters/otlp/json-logs.ts';
import { parseTracesJson } from '../../../services/viewer/adapters/otlp/json-traces.ts';
import { parseLogsProtobuf } from '../../../services/viewer/adapters/otlp/wire-logs.ts';
import { parseTracesProtobuf } from '../../../services/viewer/adapters/otlp/wire-traces.ts';
import type { LogRecord, SpanRecord } from '../../../services/viewer/domain/telemetry.ts';
import { unpackBody } from '../../helpers/request-body.ts';

/** Stands between services and the Collector, gives everything on as it came, and knows what they sent. */
export type OtlpTee = {
  readonly url: string;
  /** Each once, by its ids, however often it was sent. */
  readonly spans: ReadonlyMap<string, SpanRecord>;
  /** Each once, by {@link logKey}. */
  readonly logs: ReadonlyMap<string, LogRecord>;
  close(): void;
};

/** What tells one span from all others. */
export function spanKey({ traceId, spanId }: SpanRecord): string {
  return `${traceId} ${spanId}`;
}

/** What tells one log record from others and no redaction changes. */
export function logKey({ timeNs, traceId, spanId, eventName, severity, scope, resource }: LogRecord): string {
  return [timeNs, traceId, spanId, eventName, severity, scope.name, resource.attributes['service.name']].join(' ');
}

/** @param target the Collector's address; while nobody answers there, services are told to come again */
export async function startOtlpTee(target: string): Promise<OtlpTee> {
  const spans = new Map<string, SpanRecord>();
  const logs = new Map<string, LogRecord>();
  const note = (request: IncomingMessage, sent: Buffer) => {
    const body = unpackBody(request, sent);
    const isJson = request.headers['content-type']?.includes('json') === true;
    if (request.url === '/v1/traces') {
      for (const span of (isJson ? parseTracesJson : parseTracesProtobuf)(body)) spans.set(spanKey(span), span);
    } else if (request.url === '/v1/logs') {
      for (const log of (isJson ? parseLogsJson : parseLogsProtobuf)(body)) logs.set(logKey(log), log);
    }
  };
  const server = createServer(async (request, response) => {
    const body = await buffer(request).catch(() => undefined);
    if (body === undefined) return;
    note(request, body);
    await giveOn(`${target}${request.url}`, request, body, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    logs,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function giveOn(url: string, request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
  const names = ['content-type', 'content-encoding'] as const;
  const headers = Object.fromEntries(
    names.flatMap((name) => (request.headers[name] ? [[name, request.headers[name]]] : [])),
  );
  try {
    const answer = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
    const bytes = Buffer.from(await answer.arrayBuffer());
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(bytes);
  } catch {
    response.writeHead(503).end();
  }
}
