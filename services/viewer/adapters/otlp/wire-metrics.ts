import type { Resource, Scope } from '../../domain/telemetry.ts';
import { WireReader } from './wire-reader.ts';
import {
  createAttributes,
  NO_RESOURCE,
  NO_SCOPE,
  type OpenAttributes,
  readKeyValue,
  readResource,
  readScope,
} from './wire-values.ts';

/** How a metric was sent; the last two are not kept. */
export type RawKind = 'gauge' | 'sum' | 'histogram' | 'exponential histogram' | 'summary';

/** A point as it was sent. */
export type RawPoint = {
  startNs: bigint;
  timeNs: bigint;
  attributes: OpenAttributes;
  /** Of a histogram its sum. */
  value: number | null;
  count: number;
  counts: number[];
  bounds: number[];
};

/** A metric as it was sent, with its points. `temporality`: 1 delta, 2 cumulative. */
export type RawMetric = {
  name: string;
  unit: string;
  kind: RawKind | undefined;
  temporality: number;
  isMonotonic: boolean;
  points: RawPoint[];
  resource: Resource;
  scope: Scope;
};

/** A metric, and a point, of which nothing is known yet. */
export function createMetric(): RawMetric {
  const [resource, scope] = [NO_RESOURCE, NO_SCOPE];
  return { name: '', unit: '', kind: undefined, temporality: 0, isMonotonic: false, points: [], resource, scope };
}
export function createPoint(): RawPoint {
  return { startNs: 0n, timeNs: 0n, attributes: createAttributes(), value: null, count: 0, counts: [], bounds: [] };
}

const KIND_BY_FIELD: Readonly<Record<number, RawKind>> = {
  5: 'gauge',
  7: 'sum',
  9: 'histogram',
  10: 'exponential histogram',
  11: 'summary',
};

/**
 * Reads an ExportMetricsServiceRequest (metrics.proto of OTLP 1.x, binary); nothing is checked here.
 * @throws OtlpDecodeError when the bytes are not such a message, ViewerError `too_large` when it brings too much
 */
export function parseMetricsProtobuf(bytes: Buffer): RawMetric[] {
  const metrics: RawMetric[] = [];
  const reader = new WireReader(bytes);
  reader.readMessage((field) => {
    if (field !== 1) return false;
    readResourceMetrics(reader, metrics);
    return true;
  });
  return metrics;
}

// Resource and scope may come after what they describe: they are set when the group has been read.
function readResourceMetrics(reader: WireReader, metrics: RawMetric[]): void {
  reader.budget.takeValues(1);
  const first = metrics.length;
  let resource = NO_RESOURCE;
  reader.readNested((field) => {
    if (field === 1) resource = readResource(reader);
    else if (field === 2) readScopeMetrics(reader, metrics);
    else return false;
    return true;
  });
  for (const metric of metrics.slice(first)) metric.resource = resource;
}

function readScopeMetrics(reader: WireReader, metrics: RawMetric[]): void {
  reader.budget.takeValues(1);
  const first = metrics.length;
  let scope = NO_SCOPE;
  reader.readNested((field) => {
    if (field === 1) scope = readScope(reader);
    else if (field === 2) metrics.push(readMetric(reader));
    else return false;
    return true;
  });
  for (const metric of metrics.slice(first)) metric.scope = scope;
}

function readMetric(reader: WireReader): RawMetric {
  reader.budget.takeValues(1);
  const metric = createMetric();
  reader.readNested((field) => {
    const kind = KIND_BY_FIELD[field];
    if (field === 1) metric.name = reader.readString();
    else if (field === 3) metric.unit = reader.readString();
    else if (kind) {
      metric.kind = kind;
      readData(reader, metric);
    } else return false;
    return true;
  });
  return metric;
}

function readData(reader: WireReader, metric: RawMetric): void {
  const readPoint = metric.kind === 'histogram' ? readHistogramField : readNumberField;
  reader.readNested((field) => {
    if (field === 1) {
      reader.budget.takeItems(1);
      const point = createPoint();
      reader.readNested((inner) => readTimeField(reader, point, inner) || readPoint(reader, point, inner));
      metric.points.push(point);
    } else if (field === 2) metric.temporality = reader.readSmall();
    else if (field === 3) metric.isMonotonic = reader.readSmall() !== 0;
    else return false;
    return true;
  });
}

/** The same in points of every kind. */
function readTimeField(reader: WireReader, point: RawPoint, field: number): boolean {
  if (field === 2) point.startNs = reader.readFixed64();
  else if (field === 3) point.timeNs = reader.readFixed64();
  else return false;
  return true;
}

function readNumberField(reader: WireReader, point: RawPoint, field: number): boolean {
  switch (field) {
    case 4:
      point.value = reader.readDouble();
      return true;
    case 6:
      point.value = Number(BigInt.asIntN(64, reader.readFixed64()));
      return true;
    case 7:
      readKeyValue(reader, point.attributes);
      return true;
    default:
      return false;
  }
}

function readHistogramField(reader: WireReader, point: RawPoint, field: number): boolean {
  switch (field) {
    case 4:
      point.count = Number(reader.readFixed64());
      return true;
    case 5:
      point.value = reader.readDouble();
      return true;
    case 6:
      reader.readRepeated(() => point.counts.push(Number(reader.readFixed64())));
      return true;
    case 7:
      reader.readRepeated(() => point.bounds.push(reader.readDouble()));
      return true;
    case 9:
      readKeyValue(reader, point.attributes);
      return true;
    default:
      return false;
  }
}
