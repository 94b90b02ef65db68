/** Span names: low-cardinality, ids are attributes. */
export const SpanName = {
  webhookVoice: 'POST /voice',
  webhookStatus: 'POST /status',
  webhookStreamStatus: 'POST /stream-status',
  call: 'voice.call',
  callRejected: 'voice.call.rejected',
  setup: 'voice.setup',
  turn: 'voice.turn',
  userSpeech: 'user_speech',
  responseGap: 'voice.response_gap',
  endpointing: 'voice.endpointing',
  sttTail: 'voice.stt_tail',
  llmFirstToken: 'voice.llm_first_token',
  sentenceWait: 'voice.sentence_wait',
  ttsFirstByte: 'voice.tts_first_byte',
  botQueue: 'voice.bot_queue',
  carrierBuffer: 'voice.carrier_buffer',
  playout: 'voice.playout',
  bargeIn: 'voice.barge_in',
  deadAir: 'voice.dead_air',
  eventLoopBlocked: 'event_loop.blocked',
  wrapUp: 'voice.wrap_up',
  saveRecord: 'execute_tool save_record',
  modelAttempt: 'model.attempt',
  outboxDelivery: 'voice.outbox.delivery',
} as const;

/** Values of `gen_ai.operation.name`; with what they are about, the name of a span (see {@link spanNameOf}). */
export const Operation = {
  invokeAgent: 'invoke_agent',
  speechToText: 'speech_to_text',
  chat: 'chat',
  textToSpeech: 'text_to_speech',
  retrieval: 'retrieval',
  executeTool: 'execute_tool',
} as const;
export type OperationName = (typeof Operation)[keyof typeof Operation];

/** The name of an operation's span, as the gen_ai convention has it: `chat {model}`, `execute_tool {tool}`. */
export function spanNameOf(operation: string, subject: string): string {
  return subject ? `${operation} ${subject}` : operation;
}

/** Span events. */
export const SpanEvent = {
  firstChunk: 'gen_ai.first_chunk',
  clearSent: 'voice.clear_sent',
  dtmf: 'voice.dtmf',
  mediaStalled: 'voice.media_stalled',
  streamError: 'twilio.stream_error',
  thresholdBreached: 'voice.threshold.breached',
  /** While the stage still runs: it is past its critical limit. */
  stageStuck: 'stage.stuck',
  exception: 'exception',
} as const;

/** Values of `event.name` on log records. The four last ones carry content and obey CALLSPAN_CAPTURE. */
export const LogEvent = {
  serviceStarted: 'service.started',
  serviceStopping: 'service.stopping',
  httpRequest: 'http.request',
  callStarted: 'call.started',
  callRejected: 'call.rejected',
  serviceHeartbeat: 'service.heartbeat',
  transcriptionStarted: 'transcription.started',
  replyStarted: 'reply.started',
  extractionStarted: 'extraction.started',
  callPerformance: 'call.performance',
  stageStuck: 'stage.stuck',
  thresholdBreached: 'voice.threshold.breached',
  mediaProblem: 'voice.media.problem',
  dependencyDown: 'dependency.down',
  dependencyUp: 'dependency.up',
  exception: 'exception',
  registerNotice: 'register.notice',
  envelope: 'voice.envelope',
  transcriptionReceived: 'transcription.received',
  replyFinished: 'reply.finished',
  extractionFinished: 'extraction.finished',
  saveStarted: 'save.started',
  saveSaved: 'save.saved',
  saveFailed: 'save.failed',
  saveDead: 'save.dead',
  callFinished: 'call.finished',
  callFailed: 'call.failed',
  transcript: 'voice.transcript',
  prompt: 'voice.prompt',
  reply: 'voice.reply',
  extraction: 'voice.extraction',
} as const;

/** Events whose body is what people said: kept only at CALLSPAN_CAPTURE=full (or, replaced, at masked). */
export const CONTENT_EVENTS: readonly string[] = [
  LogEvent.transcript,
  LogEvent.prompt,
  LogEvent.reply,
  LogEvent.extraction,
];

/** Requests that make no span, no RED figure and no error: probes and scrapes. */
export const QUIET_PATHS: readonly string[] = ['/healthz', '/readyz', '/metrics'];

/** Instrumentation scope of the kit's own spans and logs. */
export const SCOPE_NAME = 'callspan';

/** The longest attribute value kept, in UTF-16 units (the contract says 2 KiB). */
export const MAX_ATTRIBUTE_LENGTH = 2048;
