export type { CallEnd, CallInfo, CallTrace } from './call/call.ts';
export { type CallRef, callRefOf, runForCall, traceparentOf, withTraceparent } from './call/call-context.ts';
export type { CallSpan, SpanRequest } from './call/call-span.ts';
export type { StageLimit } from './call/limits.ts';
export type { CallObserver, OpenStage, OpenTurn } from './call/observer.ts';
export type { TurnTrace } from './call/turn.ts';
export { hashCaller } from './caller-hash.ts';
export { type Callspan, type CallspanOptions, createCallspan, type RejectedStream } from './callspan.ts';
export type { CarrierPrice, ModelPrice, PriceFile, PriceRows } from './cost/price-list.ts';
export { errorTypeOf } from './error-type.ts';
export { createInstruments, type Instruments } from './instruments.ts';
export {
  type AnnouncedService,
  announceService,
  type ServiceAnnouncement,
} from './logs/announce-service.ts';
export { type CallContent, type ContentOptions, type ContentRecorder, createContentRecorder } from './logs/content.ts';
export type { LogFields, Logger } from './logs/log-methods.ts';
export { createLogger, type LoggerOptions } from './logs/logger.ts';
export type { Measure, MeasureFilter, MeasureListener, MeasureStatus } from './measures/measure.ts';
export type { StageStatistics, Statistics } from './measures/statistics.ts';
export type { MediaLedger } from './media/ledger.ts';
export type { VoiceActivity } from './media/voice-activity.ts';
export type { EventLoopLimit } from './metrics/blocked-loop.ts';
export { mountMetrics } from './metrics/readers.ts';
export type { RealtimePurpose } from './model/realtime-operation.ts';
export {
  type RealtimeOptions,
  type RealtimeSocket,
  traceRealtimeSocket,
} from './model/realtime-socket.ts';
export { createTracedFetch, type Fetch, type TracedFetchOptions } from './model/traced-fetch.ts';
export { type CaptureLevel, parseCaptureLevel } from './sdk/config.ts';
export { shutdownTelemetry } from './sdk/start.ts';
export { readSecretFiles } from './secret-files.ts';
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
export { type MediaTap, tapMediaStream } from './tap/media-tap.ts';
export type { MediaTapOptions } from './tap/tap-options.ts';
export { createWebhookTracing, type WebhookPlace, type WebhookTracing } from './webhook.ts';
export { ownWebhookSpans } from './webhook-server.ts';
