import { type SegmentName, Stage } from '../attributes.ts';
import { Operation, SpanEvent, SpanName } from '../spans.ts';
import type { Room } from './describe.ts';

/** What one span measures: from where to where, below which span, and who starts it. */
export type SpanDescriptor = {
  readonly room: Room;
  readonly kind: 'INTERNAL' | 'CLIENT' | 'SERVER';
  readonly stage?: string;
  readonly parent: string;
  readonly meaning: string;
  readonly source: string;
};

type Row = readonly [
  room: Room,
  kind: SpanDescriptor['kind'],
  parent: string,
  meaning: string,
  source: string,
  stage?: string,
];

const TURN = SpanName.turn;
const GAP = SpanName.responseGap;
const CLOCK = 'the media clock';

function segment(name: SegmentName, meaning: string): Row {
  return ['gap and segments', 'INTERNAL', GAP, meaning, 'the partition of the gap', name];
}

const BY_CONSTANT: Readonly<Record<keyof typeof SpanName, Row>> = {
  webhookVoice: [
    'call',
    'SERVER',
    'none: the root',
    'Twilio asks what to do with a call; ends in milliseconds',
    'the webhook',
  ],
  webhookStatus: [
    'call',
    'SERVER',
    SpanName.call,
    'Twilio reports the state of a call; of one that has ended below POST /voice, of an unknown one a root of its own',
    'the webhook',
  ],
  webhookStreamStatus: [
    'call',
    'SERVER',
    SpanName.call,
    'Twilio reports the state of a stream; else a root of its own',
    'the webhook',
  ],
  call: [
    'call',
    'INTERNAL',
    SpanName.webhookVoice,
    'token accepted to stop, close or watchdog; carries the sums of the call',
    'the kit',
  ],
  callRejected: [
    'call',
    'INTERNAL',
    'none: linked to the webhook',
    'a media stream that was refused',
    'the check of the token',
  ],
  setup: ['call', 'INTERNAL', SpanName.call, 'webhook answered to greeting heard', CLOCK, Stage.setup],
  wrapUp: ['call', 'INTERNAL', SpanName.call, 'what is left to do after the hang-up', 'the bot'],
  turn: [
    'turn',
    'INTERNAL',
    SpanName.call,
    'one exchange; turn 0 is the greeting; ends when its last sound was heard or cleared',
    'the kit',
  ],
  userSpeech: ['turn', 'INTERNAL', TURN, 'onset to end of the caller’s speech', CLOCK],
  bargeIn: [
    'turn',
    'INTERNAL',
    TURN,
    'the caller’s onset to a silent line: how long the bot talked over the caller',
    CLOCK,
    Stage.bargeIn,
  ],
  deadAir: ['turn', 'INTERNAL', SpanName.call, 'silence of both sides above its limit, with its cause', CLOCK],
  responseGap: [
    'gap and segments',
    'INTERNAL',
    TURN,
    'end of speech to the first audible reply: **the caller’s wait**',
    CLOCK,
    Stage.responseGap,
  ],
  endpointing: segment('endpointing', 'the caller is done, and the bot does not know yet'),
  sttTail: segment('stt_tail', 'waiting for the final transcript'),
  llmFirstToken: segment('llm_first_token', 'waiting for the first token of the reply'),
  sentenceWait: segment('sentence_wait', 'waiting for a sentence that can be spoken'),
  ttsFirstByte: segment('tts_first_byte', 'waiting for the first audio'),
  botQueue: segment('bot_queue', 'audio is there, and waits in the bot'),
  carrierBuffer: segment('carrier_buffer', 'first media written to playing'),
  playout: ['media', 'INTERNAL', TURN, 'first write to the last mark that came back, or `clear`', 'marks'],
  eventLoopBlocked: [
    'process',
    'INTERNAL',
    SpanName.call,
    'the process did nothing else for 100 ms or more; at most 6 a minute',
    'the kit, while calls are open',
  ],
  saveRecord: [
    'records',
    'INTERNAL',
    `${TURN} or ${SpanName.call}`,
    'the record is written down and delivered',
    'the outbox',
    Stage.save,
  ],
  outboxDelivery: ['records', 'INTERNAL', 'the trace of its call', 'a delivery after the call has ended', 'the outbox'],
  modelAttempt: [
    'model',
    'INTERNAL',
    'its model span',
    'one attempt of a model call that needed more than one',
    'the traced fetch',
  ],
};

type Subject = Exclude<keyof typeof Operation, 'invokeAgent'>;

const BY_OPERATION: Readonly<Record<Subject, readonly (readonly [name: string, row: Row])[]>> = {
  speechToText: [
    [
      '{model}',
      [
        'model',
        'CLIENT',
        TURN,
        'a file: request to result; streaming: commit to final transcript',
        'the kit',
        Stage.transcription,
      ],
    ],
  ],
  chat: [
    ['{model}', ['model', 'CLIENT', TURN, 'request to last chunk', 'the kit', `${Stage.reply} or ${Stage.extraction}`]],
  ],
  textToSpeech: [
    ['{model}', ['model', 'CLIENT', TURN, 'one request for speech: a sentence', 'the kit', Stage.synthesis]],
  ],
  retrieval: [
    ['{source}', ['model', 'CLIENT', TURN, 'a look-up in a source of knowledge', 'the kit', Stage.retrieval]],
  ],
  executeTool: [
    [
      '{tool}',
      ['records', 'INTERNAL', TURN, 'a tool of the bot, for example a CRM call, read or write', 'the kit', Stage.save],
    ],
  ],
};

function describeRow([room, kind, parent, meaning, source, stage]: Row): SpanDescriptor {
  return { room, kind, parent, meaning, source, ...(stage ? { stage } : {}) };
}

/** Every span by its name; `{…}` stands for a model, a source or a tool. */
export const SPAN_DESCRIPTORS: Readonly<Record<string, SpanDescriptor>> = Object.fromEntries([
  ...Object.entries(BY_CONSTANT).map(([key, row]) => [SpanName[key as keyof typeof SpanName], describeRow(row)]),
  ...Object.entries(BY_OPERATION).flatMap(([key, rows]) =>
    rows.map(([subject, row]) => [`${Operation[key as Subject]} ${subject}`, describeRow(row)]),
  ),
]);

/** What one event of a span says. */
export type EventDescriptor = {
  readonly room: Room;
  readonly meaning: string;
  readonly on: string;
  readonly example: string;
};

const EVENTS: Readonly<Record<keyof typeof SpanEvent, EventDescriptor>> = {
  firstChunk: {
    room: 'model',
    meaning: 'the first content of the answer came',
    on: 'every model span',
    example: 'no attributes',
  },
  clearSent: {
    room: 'media',
    meaning: 'the line was told to forget what it has not played',
    on: TURN,
    example: 'no attributes',
  },
  dtmf: {
    room: 'media',
    meaning: 'the caller pressed a key; never which',
    on: SpanName.call,
    example: 'no attributes',
  },
  mediaStalled: {
    room: 'media',
    meaning: 'no frame came although one was due',
    on: SpanName.call,
    example: 'no attributes',
  },
  streamError: {
    room: 'call',
    meaning: 'Twilio reports an error of the stream',
    on: SpanName.webhookStreamStatus,
    example: 'twilio.error.code = 31921',
  },
  thresholdBreached: {
    room: 'limits',
    meaning: 'the span took longer than its limit',
    on: 'every span that measures a stage',
    example: 'threshold.id = reply, threshold.level = warning, threshold.limit_ms = 3000, threshold.value_ms = 3412.5',
  },
  stageStuck: {
    room: 'limits',
    meaning: 'the span is past its critical limit and still runs',
    on: 'every span that measures a stage',
    example: 'threshold.id = save, threshold.limit_ms = 3000',
  },
  exception: {
    room: 'limits',
    meaning: 'an error',
    on: 'every span that failed',
    example: 'exception.type = TypeError',
  },
};

/** Every span event by its name. */
export const SPAN_EVENT_DESCRIPTORS: Readonly<Record<string, EventDescriptor>> = Object.fromEntries(
  Object.entries(EVENTS).map(([key, descriptor]) => [SpanEvent[key as keyof typeof SpanEvent], descriptor]),
);
