import type { Point } from '@influxdata/influxdb-client';
import { INFLUX_MEASUREMENT, MeasureField } from '../conventions/index.ts';
import type { Measure } from './measure.ts';

/** Line protocol of a measure: what has few values is a tag, ids and figures are fields; milliseconds. */
export function pointOf(PointClass: typeof Point, measure: Measure, service: string): Point {
  const point = new PointClass(INFLUX_MEASUREMENT)
    .tag(MeasureField.service, service)
    .tag(MeasureField.operationType, measure.stage)
    .tag(MeasureField.operationName, measure.name)
    .tag(MeasureField.status, measure.status)
    .floatField(MeasureField.latencyMs, measure.durationMs)
    .timestamp(measure.timestampMs);
  const tags = {
    [MeasureField.provider]: measure.provider,
    [MeasureField.model]: measure.model,
    [MeasureField.errorType]: measure.errorType,
  };
  const texts = {
    [MeasureField.callSid]: measure.callSid,
    [MeasureField.streamSid]: measure.streamSid,
    [MeasureField.traceId]: measure.traceId,
    [MeasureField.errorMessage]: measure.errorMessage,
  };
  for (const [name, value] of Object.entries(tags)) if (value !== undefined) point.tag(name, value);
  for (const [name, value] of Object.entries(texts)) if (value !== undefined) point.stringField(name, value);
  if (measure.turnIndex !== undefined) point.intField(MeasureField.turnIndex, measure.turnIndex);
  return point;
}
