/**
 * Shapes of the viewer's own API (`/api/v1`), shared by server and page; the nouns are the domain's. All times are epoch
 * milliseconds (fractions allowed), all durations milliseconds.
 */
export type {
  Attributes,
  AttributeValue,
  CallCost,
  CallDetail,
  CallPage,
  CallSummary,
  LiveEvent,
  LogLine,
  SpanView,
  TurnSummary,
  WaitTime,
} from '../domain/call.ts';

/** Answer of `/api/v1/receiver`: the port on which OTLP over HTTP is received. */
export type Receiver = { readonly port: number };

/** Body of every error answer of `/api/v1`. */
export type ApiError = { readonly error: { readonly code: string; readonly message: string } };
