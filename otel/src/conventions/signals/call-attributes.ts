import { count, describe, flag, ms, RESERVED, text } from './describe.ts';

const CALL = 'voice.call';
const EVERY = 'every span and log record of a call';

const identity = describe(
  { room: 'call', source: 'the context of the call, stamped when a span starts', on: EVERY },
  {
    conversationId: text(
      'the CallSid: the key by which a call is found everywhere',
      'CA5ef8732a3c49700934481addd5ce1659',
    ),
    turnIndex: count('turn', 'number of the turn; 0 is the greeting', 2, { on: 'every span of a turn' }),
    stage: text('the step that the span measures; limits are set on it', 'transcription', {
      on: 'every span that measures a stage',
      source: 'whoever starts the span',
    }),
    canary: flag('a synthetic call', true, { source: RESERVED }),
  },
);

const known = describe(
  { room: 'call', source: 'the `start` message of the media stream', on: CALL },
  {
    callSid: text('Twilio’s id of the call', 'CA5ef8732a3c49700934481addd5ce1659'),
    streamSid: text('Twilio’s id of the media stream', 'MZ18ad3ab5a668481ce02b83e7395059f0'),
    accountSid: text('Twilio’s id of the account', 'AC81ebfe1c0b5c6769aa5d746121284056'),
    callDirection: text('who called whom: inbound, outbound', 'inbound', { source: 'the webhook' }),
    callLanguage: text('language of the call, BCP 47', 'fr', { source: 'the bot' }),
    callerHash: text('stands for the caller’s number: HMAC-SHA256, 16 hex digits', '9f86d081884c7d65', {
      source: 'the webhook’s From, under CALLSPAN_HMAC_KEY',
    }),
    agentName: text('the bot', 'bureau', { room: 'turn', on: 'voice.turn', source: 'configuration' }),
    agentVersion: text('version of the bot', '1.4.0', { room: 'turn', on: 'voice.turn', source: RESERVED }),
  },
);

const summed = describe(
  { room: 'call', source: 'the end of the call', on: CALL },
  {
    callOutcome: text('saved, no_record, abandoned, rejected, failed, interrupted', 'saved'),
    callEndReason: text(
      'caller_hangup, bot_hangup, stream_error, watchdog, transfer, shutdown, abandoned',
      'caller_hangup',
    ),
    callTurns: count('turn', 'turns of the caller', 6),
    callBargeIns: count('barge-in', 'how often the caller interrupted the bot', 1),
    callDurationMs: ms('accepted stream to its end', 61_240),
    callBreachesWarning: count('breach', 'executions over their warning limit', 2, { room: 'limits' }),
    callBreachesCritical: count('breach', 'executions over their critical limit', 0, { room: 'limits' }),
    attributesCut: count(
      'value',
      'values that were cut or left out: over-long or of no valid type; absent when none',
      2,
    ),
    closeCode: count('code', 'WebSocket close code of the stream', 1000, { source: 'the media socket' }),
  },
);

const twilio = describe(
  { room: 'call', source: 'Twilio’s webhook', on: 'POST /status, POST /stream-status' },
  {
    callStatus: text('state of the call as Twilio reports it', 'completed'),
    streamEvent: text('what happened to the stream as Twilio reports it', 'stream-stopped'),
    twilioErrorCode: text('Twilio’s error code', '31921', { on: 'event twilio.stream_error' }),
    rejectReason: text('why the stream was refused', 'token_expired', {
      on: 'voice.call.rejected',
      source: 'the check of the stream’s token',
    }),
  },
);

const resource = describe(
  { room: 'process', source: 'the environment, when the process starts', on: 'the resource of every signal' },
  {
    serviceName: text('which service', 'bot', { source: 'OTEL_SERVICE_NAME' }),
    serviceNamespace: text('`callspan`, unless `OTEL_RESOURCE_ATTRIBUTES` names another', 'callspan'),
    serviceVersion: text('version of the service', '0.1.0'),
    serviceInstanceId: text('this start of the process', '0f6c2b5e-6a2c-4c11-9d3a-6f2f4f0d8a11'),
    deploymentEnvironment: text('development, staging, production', 'production'),
    hostName: text('the machine', 'bot-1'),
    processPid: count('id', 'the process', 4711),
  },
);

/** Attributes of the call, its end and its resource. */
export const CALL_ATTRIBUTES = { ...identity, ...known, ...summed, ...twilio, ...resource };
