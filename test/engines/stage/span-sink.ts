import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { parseTracesProtobuf } from '../../../services/viewer/adapters/otlp/wire-traces.ts';
import type { SpanRecord } from '../../../services/viewer/domain/telemetry.ts';

/** The store behind the Collector: keeps the spans, takes logs and looks at none. */
export type SpanSink = {
  readonly url: string;
  readonly spans: SpanRecord[];
  close(): void;
};

/** Starts a store for OTLP by HTTP, protobuf, as the Collector sends it. */
export async function startSpanSink(): Promise<SpanSink> {
  const spans: SpanRecord[] = [];
  const server = createServer(async (request, response) => {
    const sent = await buffer(request);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
    if (request.url === '/v1/traces') for (const span of parseTracesProtobuf(body)) spans.push(span);
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
