import { count, describe, flag, ms, RESERVED, text } from './describe.ts';

const request = describe(
  { room: 'model', source: 'the request', on: 'every model span' },
  {
    operationName: text(
      'kind of operation: speech_to_text, chat, text_to_speech, retrieval, execute_tool, invoke_agent',
      'chat',
    ),
    providerName: text('who runs the model', 'openai'),
    requestModel: text('model that was asked for', 'gpt-6-luna'),
    outputType: text('form of the answer that was asked for', 'json', { on: 'extraction' }),
    speechInputLanguage: text('language of the audio, BCP 47', 'fr', { on: 'transcription' }),
    speechVoice: text('the voice', 'alloy', { on: 'synthesis' }),
    toolName: text('the tool that is carried out', 'save_record', { on: 'execute_tool {tool}', source: 'the bot' }),
    httpResendCount: count('attempt', 'attempts before the last one', 1, {
      source: 'the traced fetch',
      on: 'every model span, model.attempt',
    }),
    attemptWaitMs: ms('between the attempt before and this one', 500, {
      source: 'the traced fetch',
      on: 'model.attempt',
    }),
  },
);

const answer = describe(
  { room: 'model', source: 'the answer', on: 'reply, extraction' },
  {
    responseModel: text('model that answered', 'gpt-6-luna-2026-10-01', { on: 'every model span' }),
    finishReasons: text('why the model stopped', '["stop"]'),
    timeToFirstChunk: count('s', 'request to the first content of the answer', 0.412, {
      on: 'every model span that streams',
    }),
    inputTokens: count('token', 'tokens read', 812),
    outputTokens: count('token', 'tokens written', 46),
    cachedTokens: count('token', 'tokens read from the provider’s cache', 512),
    reasoningTokens: count('token', 'tokens spent on reasoning', 0),
    llmFirstSentenceMs: ms('request to the end of the first sentence', 640, { on: 'reply', source: 'the bot' }),
    providerRequestId: text('the provider’s id of the request', 'req_6f0c', {
      on: 'every model span',
      source: 'header x-request-id',
    }),
  },
);

const rateLimit = describe(
  { room: 'model', source: 'headers x-ratelimit-*', on: 'every model span' },
  {
    rateLimitLimitRequests: count('request', 'requests that the rate limit allows', 500),
    rateLimitRemainingRequests: count('request', 'requests left', 499),
    rateLimitLimitTokens: count('token', 'tokens that the rate limit allows', 30_000),
    rateLimitRemainingTokens: count('token', 'tokens left', 28_700),
  },
);

const speech = describe(
  { room: 'model', source: 'the transcriber', on: 'transcription' },
  {
    sttAudioMs: ms('the caller’s audio that the transcription covers', 2300),
    sttConfidence: count('0 to 1', 'certainty of the transcription', 0.93, { source: RESERVED }),
    sttInterimCount: count('transcript', 'transcripts before the final one', 4),
    sttTailMs: ms('commit to final transcript', 240),
    sttReconnects: count('connection', 'connections that were opened again', 0),
    ttsCharacters: count('character', 'length of the text that is spoken', 62, {
      on: 'synthesis',
      source: 'the request',
    }),
    ttsAudioMs: ms('audio that was made', 3900, { on: 'synthesis', source: 'the answer' }),
    ttsFirstByteMs: ms('request to first byte', 140, { on: 'synthesis', source: 'the answer' }),
    ttsLeadingSilenceMs: ms('silence before the first audible frame', 60, { on: 'synthesis', source: 'the audio' }),
    ttsCached: flag('answered from a store of one’s own: no provider was asked', false, {
      on: 'synthesis',
      source: 'the bot',
    }),
  },
);

const extraction = describe(
  { room: 'model', source: 'the bot', on: 'extraction' },
  {
    extractionSchema: text('name of the schema; never a value', 'call_record'),
    extractionValid: flag('the answer was valid by the schema', true),
    extractionRetries: count('retry', 'extractions that were tried again', 0, { source: RESERVED }),
    extractionMissingFields: text('fields that the caller has not given', '["place"]'),
    extractionGroundedRatio: count('0 to 1', 'share of values found in what the caller said', 1),
    retrievalSource: text('what was looked up in', 'opening_hours', { on: 'retrieval {source}' }),
    retrievalResults: count('result', 'results of the look-up', 3, { on: 'retrieval {source}' }),
  },
);

const money = describe(
  { room: 'money', source: 'the prices file', on: 'voice.call' },
  {
    costUsd: count('USD', 'cost of one model call; absent when the model has no price', 0.00042, {
      on: 'every model span',
    }),
    callCostUsd: count('USD', 'cost of the call', 0.0187),
    callCostSttUsd: count('USD', 'of it transcription', 0.0031),
    callCostLlmUsd: count('USD', 'of it language models', 0.0056),
    callCostTtsUsd: count('USD', 'of it speech', 0.002),
    callCostCarrierUsd: count('USD', 'of it the line', 0.008),
    callCostKnown: flag('every part has a price; else the sums are a lower bound', true),
    tokenType: text('label of token counts: input, output, cached, reasoning', 'input', {
      on: 'metrics only',
      source: 'the answer',
    }),
    costComponent: text('what was paid for: stt, llm, tts, carrier', 'llm', { on: 'metrics only', source: RESERVED }),
  },
);

/** Attributes of model calls and their cost. */
export const MODEL_ATTRIBUTES = { ...request, ...answer, ...rateLimit, ...speech, ...extraction, ...money };
