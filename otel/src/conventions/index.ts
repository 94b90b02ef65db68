export {
  Attr,
  type CallEndReason,
  type CallOutcome,
  type CostComponent,
  type DeadAirCause,
  type EosSource,
  ErrorType,
  type ErrorTypeName,
  FOREIGN_ID_KEYS,
  type GapSource,
  gapSegmentKey,
  type SaveOutcome,
  SEGMENTS,
  Segment,
  type SegmentName,
  Stage,
  type StageName,
  type ThresholdLevel,
  type TurnEndReason,
  type UnmeasuredReason,
} from './attributes.ts';
export { BACKUP_COMPLETED } from './backup.ts';
export { DOCTOR_SIGNAL } from './doctor.ts';
export { INFLUX_MEASUREMENT, MeasureField } from './measures.ts';
export { BUCKETS, Metric, type MetricDescriptor } from './metrics.ts';
export {
  CONTENT_EVENTS,
  LogEvent,
  MAX_ATTRIBUTE_LENGTH,
  Operation,
  type OperationName,
  QUIET_PATHS,
  SCOPE_NAME,
  SpanEvent,
  SpanName,
  spanNameOf,
} from './spans.ts';
export { StandardMetric, type StandardMetricDescriptor } from './standard-metrics.ts';
