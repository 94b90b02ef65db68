import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { countItems, listSeries, listSpanSeries, type OtlpBody } from './series.ts';
import { addBody, createTaken, SIGNALS, type SignalName, type Taken } from './taken.ts';

/** A request of OTLP/JSON. */
export type SentBody = { readonly signal: SignalName; readonly body: string };

/** Counts what services send, and hands it on. */
export type CountingReceiver = {
  /** The endpoint for a service of this name: what it sends is counted as its own. */
  endpointFor(service: string): string;
  readonly taken: Readonly<Record<string, Record<SignalName, Taken>>>;
  /** Series of the SDK's metrics. */
  readonly series: ReadonlySet<string>;
  /** Label sets that `span_metrics` would make. */
  readonly spanSeries: ReadonlySet<string>;
  /** Spans and log records as they came, in JSON, for who wants to send them again. */
  readonly bodies: readonly SentBody[];
  close(): Promise<void>;
};

/** @param options `forwardTo`: OTLP/HTTP address that is given all of it; `dimensions` of `span_metrics` */
export async function startCountingReceiver(options: {
  readonly forwardTo?: string;
  readonly dimensions: readonly string[];
}): Promise<CountingReceiver> {
  const taken: Record<string, Record<SignalName, Taken>> = {};
  const series = new Set<string>();
  const spanSeries = new Set<string>();
  const bodies: SentBody[] = [];
  const take = (service: string, signal: SignalName, body: Buffer, isJson: boolean) => {
    taken[service] ??= createTaken();
    const parsed = isJson ? (JSON.parse(body.toString()) as OtlpBody) : {};
    addBody(taken[service][signal], body, countItems(parsed));
    for (const one of listSeries(parsed, service)) series.add(one);
    for (const one of listSpanSeries(parsed, service, options.dimensions)) spanSeries.add(one);
    if (isJson && signal !== 'metrics') bodies.push({ signal, body: body.toString() });
  };
  const server = createServer(async (request, response) => {
    const { service, signal } = readPath(request);
    const body = await buffer(request);
    const type = request.headers['content-type'] ?? '';
    if (signal) take(service, signal, body, type.includes('json'));
    if (signal && options.forwardTo) {
      const init = { method: 'POST', headers: { 'content-type': type }, body: new Uint8Array(body) };
      await fetch(`${options.forwardTo}/v1/${signal}`, init).then((answer) => answer.arrayBuffer());
    }
    response.writeHead(200, { 'content-type': type }).end(type.includes('json') ? '{}' : '');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    endpointFor: (service) => `${url}/${service}`,
    taken,
    series,
    spanSeries,
    bodies,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** `/bot/v1/traces`. */
function readPath({ url = '' }: IncomingMessage): {
  readonly service: string;
  readonly signal: SignalName | undefined;
} {
  const [, service = '', , name] = url.split('/');
  return { service, signal: SIGNALS.find((signal) => signal === name) };
}
