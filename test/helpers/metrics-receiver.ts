import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

type Value = Readonly<Record<string, string | number | boolean>>;
type RawPoint = {
  readonly attributes?: readonly { readonly key: string; readonly value: Value }[];
  readonly asInt?: string | number;
  readonly asDouble?: number;
  readonly count?: string | number;
  readonly sum?: number;
  readonly explicitBounds?: readonly number[];
};
type RawData = { readonly dataPoints: readonly RawPoint[] };
type RawMetric = {
  readonly name: string;
  readonly unit?: string;
  readonly sum?: RawData;
  readonly gauge?: RawData;
  readonly histogram?: RawData;
};

/** One point as it came by OTLP/JSON: `value` of a number, sum of a histogram. */
export type ReceivedPoint = {
  readonly service: string;
  readonly name: string;
  readonly unit: string;
  readonly type: 'sum' | 'gauge' | 'histogram';
  readonly labels: Readonly<Record<string, string | number | boolean>>;
  readonly value: number;
  readonly count: number;
  readonly bounds: readonly number[];
};

/** A receiver of OTLP/JSON metrics, to see what processes really export. */
export type MetricsReceiver = {
  readonly url: string;
  /** The last body's points of each series, over all services. */
  points(name?: string): ReceivedPoint[];
  close(): void;
};

export async function startMetricsReceiver(): Promise<MetricsReceiver> {
  const latest = new Map<string, ReceivedPoint>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.url === '/v1/metrics') {
        for (const point of readBody(Buffer.concat(chunks).toString('utf8'))) {
          latest.set(JSON.stringify([point.service, point.name, point.labels]), point);
        }
      }
      response.setHeader('content-type', 'application/json');
      response.end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    points: (name) => [...latest.values()].filter((point) => name === undefined || point.name === name),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

type Body = {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: NonNullable<RawPoint['attributes']> };
    readonly scopeMetrics: readonly { readonly metrics: readonly RawMetric[] }[];
  }[];
};

function readBody(text: string): ReceivedPoint[] {
  return (JSON.parse(text) as Body).resourceMetrics.flatMap(({ resource, scopeMetrics }) => {
    const service = String(flatten(resource.attributes)['service.name'] ?? '');
    return scopeMetrics.flatMap(({ metrics }) => metrics.flatMap((metric) => readMetric(metric, service)));
  });
}

function readMetric(metric: RawMetric, service: string): ReceivedPoint[] {
  const type = metric.histogram ? 'histogram' : metric.gauge ? 'gauge' : 'sum';
  const points = (metric.histogram ?? metric.gauge ?? metric.sum)?.dataPoints ?? [];
  return points.map((point) => ({
    service,
    name: metric.name,
    unit: metric.unit ?? '',
    type,
    labels: flatten(point.attributes ?? []),
    value: Number(point.asInt ?? point.asDouble ?? point.sum ?? 0),
    count: Number(point.count ?? 0),
    bounds: point.explicitBounds ?? [],
  }));
}

function flatten(attributes: NonNullable<RawPoint['attributes']>): Record<string, string | number | boolean> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => {
      const [known] = Object.values(value);
      return [key, 'intValue' in value ? Number(known) : (known ?? '')];
    }),
  );
}
