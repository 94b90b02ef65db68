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
  /** HMAC-SHA256 of the number under CALLSPAN_HMAC_KEY, first 16 hex digits; no other form of a number is kept. */
  callerHash: 'voice.caller.hash',
  rejectReason: 'voice.reject.reason',
  badFrames: 'voice.media.bad_frames',
  framesIn: 'voice.media.frames_in',

  agentName: 'gen_ai.agent.name',
  agentVersion: 'gen_ai.agent.version',
  turnEndReason: 'voice.turn.end_reason',

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
  ttsCharacters: 'voice.tts.characters',
  ttsAudioMs: 'voice.tts.audio_ms',
  ttsFirstByteMs: 'voice.tts.first_byte_ms',
  extractionSchema: 'voice.extraction.schema',
  extractionValid: 'voice.extraction.valid',
  extractionMissingFields: 'voice.extraction.missing_fields',
  playoutSentMs: 'voice.playout.sent_ms',
  playoutHeardMs: 'voice.playout.heard_ms',
  playoutDiscardedMs: 'voice.playout.discarded_ms',
  marksSent: 'voice.playout.marks_sent',
  marksAcked: 'voice.playout.marks_acked',
  marksFlushed: 'voice.playout.marks_flushed',
  saveOutcome: 'voice.save.outcome',
  saveAttempts: 'voice.save.attempts',
  saveAgeMs: 'voice.save.age_ms',

  errorType: 'error.type',
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

/** Values of `voice.stage`: what a duration limit can be set on. */
export const Stage = {
  setup: 'setup',
  responseGap: 'response_gap',
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
