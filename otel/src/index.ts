export type { CallEnd, CallInfo, CallTrace } from './call.ts';
export { type CallRef, callRefOf, runForCall, traceparentOf, withTraceparent } from './call-context.ts';
export type { CallSpan, SpanRequest } from './call-span.ts';
export { hashCaller } from './caller-hash.ts';
export { type Callspan, type CallspanOptions, createCallspan, type RejectedStream } from './callspan.ts';
export { type ContentRecorder, createContentRecorder } from './content.ts';
export type { CarrierPrice, ModelPrice, PriceFile, PriceRows } from './cost/price-list.ts';
export { errorTypeOf } from './error-type.ts';
export type { StageLimit } from './limits.ts';
export { createLogger, type LogFields, type Logger } from './logger.ts';
export type { MediaLedger } from './media/ledger.ts';
export { type MediaTap, tapMediaStream } from './media/media-tap.ts';
export type { MediaTapOptions } from './media/tap-options.ts';
export type { VoiceActivity } from './media/voice-activity.ts';
export type { RealtimePurpose } from './model/realtime-operation.ts';
export {
  type RealtimeOptions,
  type RealtimeSocket,
  traceRealtimeSocket,
} from './model/realtime-socket.ts';
export { createTracedFetch, type Fetch, type TracedFetchOptions } from './model/traced-fetch.ts';
export type { CallObserver, OpenStage, OpenTurn } from './observer.ts';
export { type CaptureLevel, parseCaptureLevel } from './sdk/config.ts';
export { shutdownTelemetry } from './sdk/start.ts';
export {
  extractionStage,
  replyStage,
  retrievalStage,
  type StageDetails,
  type StageModel,
  synthesisStage,
  toolStage,
  transcriptionStage,
} from './stages/ready-stages.ts';
export type { StageBlock } from './stages/stage-block.ts';
export type { MeasuredStage, StagePlace, StageRequest } from './stages/stage-request.ts';
export type { MethodDecorator, Stages } from './stages/stages.ts';
export type { TurnTrace } from './turn.ts';
export { createWebhookTracing, type WebhookPlace, type WebhookTracing } from './webhook.ts';
export { ownWebhookSpans } from './webhook-server.ts';
