/**
 * Attribute keys. `gen_ai.*` follow open-telemetry/semantic-conventions 1.45 and, for speech, the open drafts
 * semantic-conventions-genai #390 and #394; they are copied because the npm package marks them as moved.
 */
export const Attr = {
  /** CallSid on every span and log record of a call: the key by which a call is found everywhere. */
  conversationId: 'gen_ai.conversation.id',
  /** 0 is the greeting, then one per utterance of the caller. */
  turnIndex: 'voice.turn.index',
  /** One of {@link Stage}; only on spans that measure a stage. */
  stage: 'voice.stage',

  /** True on everything of a synthetic call. */
  canary: 'callspan.canary',

  serviceName: 'service.name',
  serviceNamespace: 'service.namespace',
  serviceVersion: 'service.version',
  serviceInstanceId: 'service.instance.id',
  deploymentEnvironment: 'deployment.environment.name',
  hostName: 'host.name',
  processPid: 'process.pid',

  callSid: 'twilio.call.sid',
  streamSid: 'twilio.stream.sid',
  accountSid: 'twilio.account.sid',
  twilioErrorCode: 'twilio.error.code',
  callStatus: 'twilio.call.status',
  streamEvent: 'twilio.stream.event',
  callDirection: 'voice.call.direction',
  callLanguage: 'voice.call.language',
  callOutcome: 'voice.call.outcome',
  callEndReason: 'voice.call.end_reason',
  callTurns: 'voice.call.turns',
  callBargeIns: 'voice.call.barge_ins',
  /** Milliseconds from accepted token to end. */
  callDurationMs: 'voice.call.duration_ms',
  callBreachesWarning: 'voice.call.breaches.warning',
  callBreachesCritical: 'voice.call.breaches.critical',
  callCostUsd: 'voice.call.cost.usd',
  callCostSttUsd: 'voice.call.cost.stt.usd',
  callCostLlmUsd: 'voice.call.cost.llm.usd',
  callCostTtsUsd: 'voice.call.cost.tts.usd',
  callCostCarrierUsd: 'voice.call.cost.carrier.usd',
  /** False as soon as one part of the call has no price: the sums are then a lower bound. */
  callCostKnown: 'voice.call.cost.known',
  /** Attribute values that were cut or dropped because they were over-long or of no valid type. */
  attributesCut: 'callspan.attributes.cut',
  /** HMAC-SHA256 of the number under CALLSPAN_HMAC_KEY, first 16 hex digits; no other form of a number is kept. */
  callerHash: 'voice.caller.hash',
  rejectReason: 'voice.reject.reason',
  badFrames: 'voice.media.bad_frames',
  framesIn: 'voice.media.frames_in',
  mediaLostMs: 'voice.media.lost_ms',
  mediaGapMaxMs: 'voice.media.gap_ms_max',
  mediaJitterP95Ms: 'voice.media.jitter_ms_p95',
  mediaReordered: 'voice.media.reordered',
  mediaDuplicated: 'voice.media.duplicated',
  mediaDriftPpm: 'voice.media.drift_ppm',
  /** Milliseconds in which no frame came although one was due, over all stalls. */
  mediaStalledMs: 'voice.media.stalled_ms',
  marksMissed: 'voice.media.marks_missed',
  markAckDelayMaxMs: 'voice.media.mark_ack_delay_ms_max',
  /** WebSocket close code of the stream. */
  closeCode: 'voice.media.close_code',

  agentName: 'gen_ai.agent.name',
  agentVersion: 'gen_ai.agent.version',
  turnEndReason: 'voice.turn.end_reason',
  /** The largest segment of the turn's gap. */
  criticalSegment: 'voice.turn.critical_segment',
  /** Why the turn has no gap; only on turns without one. */
  turnUnmeasured: 'voice.turn.unmeasured_reason',
  gapSource: 'voice.gap.source',
  gapUncertaintyMs: 'voice.gap.uncertainty_ms',
  /** First media written less arrival of the last voiced frame: our process only. */
  gapPlatformMs: 'voice.gap.platform_ms',
  /** True when what ended the gap was a filler ("one moment"). */
  gapFiller: 'voice.gap.filler',
  /** With a filler: the wait until the substantive answer. */
  gapSubstantiveMs: 'voice.gap.substantive_ms',
  eosSource: 'voice.eos.source',
  bargeInClearMs: 'voice.barge_in.clear_ms',
  bargeInGeneratedMs: 'voice.barge_in.generated_ms',
  bargeInSentMs: 'voice.barge_in.sent_ms',
  bargeInHeardMs: 'voice.barge_in.heard_ms',
  bargeInDiscardedMs: 'voice.barge_in.discarded_ms',
  deadAirCause: 'voice.dead_air.cause',

  operationName: 'gen_ai.operation.name',
  providerName: 'gen_ai.provider.name',
  requestModel: 'gen_ai.request.model',
  responseModel: 'gen_ai.response.model',
  finishReasons: 'gen_ai.response.finish_reasons',
  /** Seconds, as the convention has it. */
  timeToFirstChunk: 'gen_ai.response.time_to_first_chunk',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  cachedTokens: 'gen_ai.usage.cache_read.input_tokens',
  reasoningTokens: 'gen_ai.usage.reasoning.output_tokens',
  outputType: 'gen_ai.output.type',
  toolName: 'gen_ai.tool.name',
  speechInputLanguage: 'gen_ai.speech.input.language',
  speechVoice: 'gen_ai.speech.voice',
  providerRequestId: 'voice.provider.request_id',

  /** Milliseconds of caller audio that the transcription covers. */
  sttAudioMs: 'voice.stt.audio_ms',
  sttConfidence: 'voice.stt.confidence',
  sttInterimCount: 'voice.stt.interim_count',
  /** Commit to final transcript. */
  sttTailMs: 'voice.stt.tail_ms',
  sttReconnects: 'voice.stt.reconnects',
  llmFirstSentenceMs: 'voice.llm.first_sentence_ms',
  ttsLeadingSilenceMs: 'voice.tts.leading_silence_ms',
  ttsCached: 'voice.tts.cached',
  ttsCharacters: 'voice.tts.characters',
  ttsAudioMs: 'voice.tts.audio_ms',
  ttsFirstByteMs: 'voice.tts.first_byte_ms',
  extractionSchema: 'voice.extraction.schema',
  extractionValid: 'voice.extraction.valid',
  extractionRetries: 'voice.extraction.retries',
  extractionMissingFields: 'voice.extraction.missing_fields',
  extractionGroundedRatio: 'voice.extraction.grounded_ratio',
  retrievalSource: 'gen_ai.data_source.id',
  retrievalResults: 'voice.retrieval.results',
  playoutUnderrunMs: 'voice.playout.underrun_ms',
  playoutSentMs: 'voice.playout.sent_ms',
  playoutHeardMs: 'voice.playout.heard_ms',
  playoutDiscardedMs: 'voice.playout.discarded_ms',
  marksSent: 'voice.playout.marks_sent',
  marksAcked: 'voice.playout.marks_acked',
  marksFlushed: 'voice.playout.marks_flushed',
  saveOutcome: 'voice.save.outcome',
  saveAttempts: 'voice.save.attempts',
  saveAgeMs: 'voice.save.age_ms',

  /** Cost of one model call; absent when the model has no price. */
  costUsd: 'voice.cost.usd',
  rateLimitLimitRequests: 'voice.provider.ratelimit.limit_requests',
  rateLimitRemainingRequests: 'voice.provider.ratelimit.remaining_requests',
  rateLimitLimitTokens: 'voice.provider.ratelimit.limit_tokens',
  rateLimitRemainingTokens: 'voice.provider.ratelimit.remaining_tokens',
  tokenType: 'gen_ai.token.type',
  costComponent: 'voice.cost.component',

  /** On the span whose limit was passed. */
  thresholdLevelOnSpan: 'voice.threshold.level',
  thresholdId: 'threshold.id',
  thresholdLevel: 'threshold.level',
  thresholdLimitMs: 'threshold.limit_ms',
  thresholdValueMs: 'threshold.value_ms',

  errorType: 'error.type',
  exceptionType: 'exception.type',
  exceptionMessage: 'exception.message',
  exceptionStacktrace: 'exception.stacktrace',
  httpMethod: 'http.request.method',
  httpRoute: 'http.route',
  httpStatusCode: 'http.response.status_code',
  httpResendCount: 'http.request.resend_count',
  /** Milliseconds between the attempt before and this one. */
  attemptWaitMs: 'voice.attempt.wait_ms',
  urlPath: 'url.path',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  dbSystem: 'db.system.name',
  dbOperation: 'db.operation.name',
  dbCollection: 'db.collection.name',
} as const;

/** The seven segments of the response gap, in the order in which they follow each other. */
export const Segment = {
  endpointing: 'endpointing',
  sttTail: 'stt_tail',
  llmFirstToken: 'llm_first_token',
  sentenceWait: 'sentence_wait',
  ttsFirstByte: 'tts_first_byte',
  botQueue: 'bot_queue',
  carrierBuffer: 'carrier_buffer',
} as const;
export type SegmentName = (typeof Segment)[keyof typeof Segment];
export const SEGMENTS: readonly SegmentName[] = Object.values(Segment);

/** The attribute of the turn that holds the duration of a segment, in milliseconds. */
export function gapSegmentKey(segment: SegmentName): string {
  return `voice.turn.gap.${segment}_ms`;
}

/** Values of `voice.stage`: what a duration limit can be set on. */
export const Stage = {
  setup: 'setup',
  responseGap: 'response_gap',
  ...Segment,
  transcription: 'transcription',
  reply: 'reply',
  synthesis: 'synthesis',
  retrieval: 'retrieval',
  extraction: 'extraction',
  save: 'save',
  bargeIn: 'barge_in',
} as const;
export type StageName = (typeof Stage)[keyof typeof Stage];

/** Closed values of `error.type` outside HTTP and database spans, which keep their convention's values. */
export const ErrorType = {
  parsing: 'parsing',
  api: 'api',
  websocket: 'websocket',
  validation: 'validation',
  timeout: 'timeout',
  rateLimit: 'rate_limit',
  model: 'model',
  cancelled: 'cancelled',
  internal: 'internal',
} as const;
export type ErrorTypeName = (typeof ErrorType)[keyof typeof ErrorType];

/** Values of `voice.call.outcome`. */
export type CallOutcome = 'saved' | 'no_record' | 'abandoned' | 'rejected' | 'failed' | 'interrupted';
/** Values of `voice.call.end_reason`. */
export type CallEndReason =
  | 'caller_hangup'
  | 'bot_hangup'
  | 'stream_error'
  | 'watchdog'
  | 'transfer'
  | 'shutdown'
  | 'abandoned';
/** Values of `voice.turn.end_reason`. */
export type TurnEndReason = 'completed' | 'interrupted' | 'session_closed';
/** Values of `voice.save.outcome`. */
export type SaveOutcome = 'saved' | 'duplicate' | 'queued' | 'dead';
/** Values of `voice.gap.source`, best first. */
export type GapSource = 'media_clock' | 'mark_ack' | 'send' | 'none';
/** Values of `voice.eos.source`. */
export type EosSource = 'local_vad' | 'provider_vad' | 'timeout';
/** Why a turn has no gap. */
export type UnmeasuredReason =
  | 'bot_first'
  | 'caller_resumed'
  | 'barge_in_before_audio'
  | 'no_reply'
  | 'no_media'
  | 'insane';
/** Values of `voice.dead_air.cause`: what the caller was waiting for. */
export type DeadAirCause = 'waiting_stt' | 'waiting_llm' | 'waiting_tts' | 'waiting_tool' | 'caller' | 'none';
/** Values of `voice.cost.component`. */
export type CostComponent = 'stt' | 'llm' | 'tts' | 'carrier';
/** Values of `voice.threshold.level`. */
export type ThresholdLevel = 'warning' | 'critical';

/** Ids that the instrumentations of others write, from what a provider answered: the kit writes none of them. */
export const FOREIGN_ID_KEYS: readonly string[] = ['gen_ai.response.id', 'gen_ai.tool.call.id'];
