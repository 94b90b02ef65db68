import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { findTelemetryPlaces } from '../../../otel/src/logs/telemetry-places.ts';
import { readTelemetryConfig } from '../../../otel/src/sdk/config.ts';

const given = { ...process.env };
afterEach(() => {
  process.env = { ...given };
});

type Asked = { readonly path: string | undefined; readonly type: string | undefined; readonly body: string };

/** Asks a receiver that takes each path in one encoding alone. */
async function askReceiver(env: NodeJS.ProcessEnv, takes: (path: string) => string): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString('utf8');
    const type = request.headers['content-type'];
    asked.push({ path: request.url, type, body });
    response.writeHead(type === takes(request.url ?? '') ? 200 : 415).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  Object.assign(process.env, env);
  try {
    for (const place of await findTelemetryPlaces(readTelemetryConfig({ ...process.env }))) await place.ask();
  } finally {
    server.closeAllConnections();
    server.close();
  }
  return asked;
}

const PROTOBUF = 'application/x-protobuf';

test('a receiver of protobuf alone is asked in protobuf where that is what it gets', async () => {
  const asked = await askReceiver({ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }, () => PROTOBUF);
  expect(asked).toEqual(
    ['traces', 'metrics', 'logs'].map((signal) => ({ path: `/v1/${signal}`, type: PROTOBUF, body: '' })),
  );
});

test('each signal is asked for in the encoding in which it is sent', async () => {
  const takes = (path: string) => (path === '/v1/logs' ? PROTOBUF : 'application/json');
  const asked = await askReceiver({ OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/protobuf' }, takes);
  expect(asked.map(({ body }) => body)).toEqual(['{"resourceSpans":[]}', '{"resourceMetrics":[]}', '']);
});
