import { Attr, SpanEvent, SpanName, Stage } from 'callspan/conventions';
import type { SpanView } from '../../services/viewer/api/types.ts';
import type { SampleTurn } from './sample-conversation.ts';
import type { SpanBuilder } from './span-builder.ts';

type TurnPlace = {
  readonly builder: SpanBuilder;
  readonly call: SpanView;
  readonly index: number;
  readonly fromMs: number;
};

const LLM = { [Attr.providerName]: 'openai', [Attr.requestModel]: 'gpt-6-luna', [Attr.responseModel]: 'gpt-6-luna' };
const STT = { [Attr.providerName]: 'openai', [Attr.requestModel]: 'gpt-transcribe' };
const TTS = { [Attr.providerName]: 'openai', [Attr.requestModel]: 'gpt-speech', [Attr.speechVoice]: 'alloy' };

/** The spans of one turn as the telemetry contract has them. @returns when the turn ended (epoch milliseconds) and its spans by role */
export function addTurn(place: TurnPlace, turn: SampleTurn, withGap: boolean) {
  const { builder, call, index } = place;
  const speechFrom = place.fromMs + turn.pauseMs;
  const eosMs = speechFrom + turn.speechMs;
  const commitMs = eosMs + turn.endpointingMs;
  const textMs = commitMs + turn.transcriptionMs;
  const firstTokenMs = textMs + turn.firstTokenMs;
  const sentenceMs = firstTokenMs + Math.round(turn.restOfReplyMs / 4);
  const soundMs = sentenceMs + turn.firstSoundMs;
  const playFrom = soundMs + 12;
  const playTo = playFrom + turn.playoutMs;
  const add = builderOf(place);
  const root = builder.add({
    name: SpanName.turn,
    parent: call,
    fromMs: speechFrom,
    toMs: playTo + 40,
    attributes: {
      [Attr.turnIndex]: index,
      [Attr.operationName]: 'invoke_agent',
      [Attr.agentName]: 'receptionist',
      [Attr.turnEndReason]: 'completed',
    },
  });
  if (turn.caller !== null) {
    add(SpanName.userSpeech, root, [speechFrom, eosMs], {});
    if (withGap)
      addGap(place, root, [eosMs, commitMs, textMs, firstTokenMs, sentenceMs, soundMs, playFrom, playFrom + 66]);
    addModelSpans(place, root, turn, { commitMs, textMs, firstTokenMs });
  }
  const sentences = turn.bot.match(/[^.?!]+[.?!]/g) ?? [turn.bot];
  sentences.forEach((sentence, at) => {
    const fromMs = sentenceMs + at * 240;
    add(`text_to_speech ${TTS[Attr.requestModel]}`, root, [fromMs, fromMs + turn.firstSoundMs + 310], {
      ...TTS,
      [Attr.stage]: Stage.synthesis,
      [Attr.operationName]: 'text_to_speech',
      [Attr.ttsCharacters]: sentence.trim().length,
      [Attr.ttsFirstByteMs]: turn.firstSoundMs,
    });
  });
  add(SpanName.playout, root, [playFrom, playTo], {
    [Attr.playoutSentMs]: turn.playoutMs,
    [Attr.playoutHeardMs]: turn.playoutMs,
    [Attr.marksSent]: sentences.length,
    [Attr.marksAcked]: sentences.length,
  });
  return { root, textMs, repliedMs: firstTokenMs + turn.restOfReplyMs, endMs: playTo + 40 };
}

function builderOf(place: TurnPlace) {
  return (
    name: string,
    parent: SpanView,
    [fromMs, toMs]: readonly [number, number],
    attributes: SpanView['attributes'],
  ) =>
    place.builder.add({
      name,
      parent,
      fromMs,
      toMs,
      kind: name.includes(' ') ? 'client' : 'internal',
      attributes: { [Attr.turnIndex]: place.index, ...attributes },
    });
}

type ModelTimes = { readonly commitMs: number; readonly textMs: number; readonly firstTokenMs: number };

function addModelSpans(place: TurnPlace, root: SpanView, turn: SampleTurn, times: ModelTimes): void {
  const add = builderOf(place);
  const { commitMs, textMs, firstTokenMs } = times;
  add(`speech_to_text ${STT[Attr.requestModel]}`, root, [commitMs, textMs], {
    ...STT,
    [Attr.stage]: Stage.transcription,
    [Attr.operationName]: 'speech_to_text',
    [Attr.sttAudioMs]: turn.speechMs + 180,
  });
  const chat = place.builder.add({
    name: `chat ${LLM[Attr.requestModel]}`,
    parent: root,
    kind: 'client',
    fromMs: textMs,
    toMs: firstTokenMs + turn.restOfReplyMs,
    attributes: {
      ...LLM,
      [Attr.turnIndex]: place.index,
      [Attr.stage]: Stage.reply,
      [Attr.operationName]: 'chat',
      [Attr.timeToFirstChunk]: turn.firstTokenMs / 1000,
      [Attr.inputTokens]: 412 + place.index * 61,
      [Attr.outputTokens]: 34,
      [Attr.finishReasons]: ['stop'],
      [Attr.providerRequestId]: `req_${place.index}f3a9c`,
    },
    events: [{ name: SpanEvent.firstChunk, timeMs: firstTokenMs, attributes: {} }],
  });
  if (turn.refusedWith === undefined) return;
  const refusedMs = textMs + 612;
  add(SpanName.modelAttempt, chat, [textMs, refusedMs], { [Attr.httpStatusCode]: turn.refusedWith });
  const again = { [Attr.httpStatusCode]: 200, [Attr.httpResendCount]: 1 };
  add(SpanName.modelAttempt, chat, [refusedMs + 250, firstTokenMs + turn.restOfReplyMs], again);
}

const SEGMENTS = [
  'endpointing',
  'stt_tail',
  'llm_first_token',
  'sentence_wait',
  'tts_first_byte',
  'bot_queue',
  'carrier_buffer',
];

function addGap(place: TurnPlace, root: SpanView, bounds: readonly number[]): void {
  const add = builderOf(place);
  const at = (index: number) => bounds[index] ?? 0;
  const gap = add(SpanName.responseGap, root, [at(0), at(bounds.length - 1)], {
    [Attr.stage]: Stage.responseGap,
    'voice.gap.source': 'media_clock',
    'voice.gap.uncertainty_ms': 10,
  });
  SEGMENTS.forEach((segment, index) => {
    const model = segment.startsWith('llm') ? LLM : segment.startsWith('stt') ? STT : {};
    add(`voice.${segment}`, gap, [at(index), at(index + 1)], { [Attr.stage]: segment, ...model });
  });
}
