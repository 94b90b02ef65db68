import type { Resource, Scope } from '../../domain/telemetry.ts';
import { OtlpDecodeError } from './decode-error.ts';
import {
  type JsonObject,
  readItems,
  toAttributes,
  toDouble,
  toInteger,
  toObject,
  toObjects,
  toText,
} from './json-values.ts';
import { createMetric, type RawKind, type RawMetric, type RawPoint } from './wire-metrics.ts';

const KEY_BY_KIND: Readonly<Record<RawKind, string>> = {
  gauge: 'gauge',
  sum: 'sum',
  histogram: 'histogram',
  'exponential histogram': 'exponentialHistogram',
  summary: 'summary',
};

/**
 * Reads an ExportMetricsServiceRequest as OTLP/JSON; nothing is checked here.
 * @throws OtlpDecodeError when the body is no such message
 */
export function parseMetricsJson(bytes: Buffer): RawMetric[] {
  return readItems(bytes, { groups: 'resourceMetrics', scopes: 'scopeMetrics', items: 'metrics' }, toMetric);
}

function toMetric(metric: JsonObject, resource: Resource, scope: Scope): RawMetric {
  const [name, unit] = [toText(metric.name, 'name'), toText(metric.unit, 'unit')];
  const kinds = Object.keys(KEY_BY_KIND) as RawKind[];
  const kind = kinds.find((one) => metric[KEY_BY_KIND[one]] !== undefined && metric[KEY_BY_KIND[one]] !== null);
  if (!kind) return { ...createMetric(), name, unit, resource, scope };
  const data = toObject(metric[KEY_BY_KIND[kind]], kind);
  return {
    name,
    unit,
    kind,
    temporality: toTemporality(data.aggregationTemporality),
    isMonotonic: data.isMonotonic === true,
    points: toObjects(data.dataPoints, 'dataPoints').map((point) => toPoint(point, kind)),
    resource,
    scope,
  };
}

function toTemporality(value: unknown): number {
  if (value === 'AGGREGATION_TEMPORALITY_DELTA') return 1;
  if (value === 'AGGREGATION_TEMPORALITY_CUMULATIVE') return 2;
  return Number(toInteger(value, 'aggregationTemporality'));
}

function toPoint(point: JsonObject, kind: RawKind): RawPoint {
  const isHistogram = kind === 'histogram';
  return {
    startNs: toInteger(point.startTimeUnixNano, 'startTimeUnixNano'),
    timeNs: toInteger(point.timeUnixNano, 'timeUnixNano'),
    attributes: toAttributes(point.attributes),
    value: isHistogram ? toNumber(point.sum) : toNumber(point.asDouble, point.asInt),
    count: isHistogram ? Number(toInteger(point.count, 'count')) : 0,
    counts: isHistogram ? toList(point.bucketCounts, (item) => Number(toInteger(item, 'bucketCounts'))) : [],
    bounds: isHistogram ? toList(point.explicitBounds, toDouble) : [],
  };
}

function toNumber(asDouble: unknown, asInt?: unknown): number | null {
  if (asDouble !== undefined && asDouble !== null) return toDouble(asDouble);
  return asInt === undefined || asInt === null ? null : Number(toInteger(asInt, 'asInt'));
}

function toList(value: unknown, toItem: (item: unknown) => number): number[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new OtlpDecodeError('a list of numbers is not an array');
  return value.map(toItem);
}
