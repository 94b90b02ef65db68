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
  playout: 'voice.playout',
  bargeIn: 'voice.barge_in',
  wrapUp: 'voice.wrap_up',
  saveRecord: 'execute_tool save_record',
  modelAttempt: 'model.attempt',
  outboxDelivery: 'voice.outbox.delivery',
} as const;

/** Span events. */
export const SpanEvent = {
  firstChunk: 'gen_ai.first_chunk',
  clearSent: 'voice.clear_sent',
  dtmf: 'voice.dtmf',
  mediaStalled: 'voice.media_stalled',
  streamError: 'twilio.stream_error',
  exception: 'exception',
} as const;

/** Values of `event.name` on log records. The four last ones carry content and obey CALLSPAN_CAPTURE. */
export const LogEvent = {
  serviceStarted: 'service.started',
  serviceStopping: 'service.stopping',
  httpRequest: 'http.request',
  callStarted: 'call.started',
  callRejected: 'call.rejected',
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
