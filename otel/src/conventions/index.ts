export {
  Attr,
  type CallEndReason,
  type CallOutcome,
  ErrorType,
  type ErrorTypeName,
  type SaveOutcome,
  Stage,
  type StageName,
  type TurnEndReason,
} from './attributes.ts';
export {
  CONTENT_EVENTS,
  LogEvent,
  MAX_ATTRIBUTE_LENGTH,
  QUIET_PATHS,
  SCOPE_NAME,
  SpanEvent,
  SpanName,
} from './spans.ts';
