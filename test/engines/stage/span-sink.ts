import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { parseLogsProtobuf } from '../../../services/viewer/adapters/otlp/wire-logs.ts';
import { parseMetricsProtobuf, type RawMetric } from '../../../services/viewer/adapters/otlp/wire-metrics.ts';
import { parseTracesProtobuf } from '../../../services/viewer/adapters/otlp/wire-traces.ts';
import type { LogRecord, SpanRecord } from '../../../services/viewer/domain/telemetry.ts';
import { unpackBody } from '../../helpers/request-body.ts';

/** A store behind the Collector, in place of Tempo, Loki or the viewer: keeps what it is sent. */
export type SpanSink = {
  /** Base address for OTLP; Loki's `/otlp` may stand between it and the path of a signal. */
  readonly url: string;
  readonly spans: SpanRecord[];
  readonly logs: LogRecord[];
  readonly metrics: RawMetric[];
  /** Every Authorization header that came. */
  readonly authorizations: ReadonlySet<string>;
  /** Is not there any more: connections are refused. */
  leave(): Promise<void>;
  /** Is there again, at the same address. */
  comeBack(): Promise<void>;
  close(): void;
};

/** Starts a store for OTLP by HTTP, protobuf, as the Collector sends it. */
export async function startSpanSink(): Promise<SpanSink> {
  const spans: SpanRecord[] = [];
  const logs: LogRecord[] = [];
  const metrics: RawMetric[] = [];
  const authorizations = new Set<string>();
  const take = ({ url: path = '', headers }: IncomingMessage, body: Buffer) => {
    authorizations.add(headers.authorization ?? '');
    if (path.endsWith('/v1/traces')) for (const span of parseTracesProtobuf(body)) spans.push(span);
    if (path.endsWith('/v1/logs')) for (const log of parseLogsProtobuf(body)) logs.push(log);
    if (path.endsWith('/v1/metrics')) for (const metric of parseMetricsProtobuf(body)) metrics.push(metric);
  };
  let server = await listen(0, take);
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    logs,
    metrics,
    authorizations,
    async leave() {
      const closed = once(server, 'close');
      close();
      await closed;
    },
    async comeBack() {
      server = await listen(port, take);
    },
    close,
  };
}

async function listen(port: number, take: (request: IncomingMessage, body: Buffer) => void): Promise<Server> {
  const server = createServer(async (request, response) => {
    const sent = await buffer(request).catch(() => undefined);
    // Who left while it was being told something has not taken it.
    if (sent === undefined || !server.listening) return;
    take(request, unpackBody(request, sent));
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
