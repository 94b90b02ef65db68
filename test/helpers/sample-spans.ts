import { Attr, SpanEvent, SpanName, Stage } from 'callspan/conventions';
import type { SpanView } from '../../services/viewer/api/types.ts';
import type { SampleTurn } from './sample-conversation.ts';
import type { HeardTimes } from './sample-envelope.ts';
import { addGap, describeTurn } from './sample-gap.ts';
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
  const playTo = playFrom + (turn.heardMs ?? turn.playoutMs);
  const bounds = [eosMs, commitMs, textMs, firstTokenMs, sentenceMs, soundMs, playFrom, playFrom + 66];
  const isMeasured = withGap && turn.caller !== null;
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
      [Attr.turnEndReason]: turn.heardMs === undefined ? 'completed' : 'interrupted',
      ...(isMeasured ? describeTurn(turn, bounds) : {}),
    },
  });
  if (turn.caller !== null) {
    add(SpanName.userSpeech, root, [speechFrom, eosMs], {});
    if (withGap && turn.unmeasured === undefined) addGap({ builder, root, turn }, bounds, [{}, STT, LLM, {}, TTS]);
    addModelSpans({ ...place, withGap }, root, turn, { commitMs, textMs, firstTokenMs });
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
      ...(withGap ? { [Attr.costUsd]: sentence.length * 0.000015 } : {}),
    });
  });
  add(SpanName.playout, root, [playFrom, playTo], {
    [Attr.playoutSentMs]: turn.playoutMs,
    [Attr.playoutHeardMs]: turn.heardMs ?? turn.playoutMs,
    ...(turn.heardMs === undefined ? {} : { [Attr.playoutDiscardedMs]: turn.playoutMs - turn.heardMs }),
    [Attr.marksSent]: sentences.length,
    [Attr.marksAcked]: sentences.length,
  });
  addSpecial({ place, root }, turn, { eosMs, textMs, playFrom, playTo });
  const heard: HeardTimes = {
    caller: turn.caller === null ? null : [speechFrom, eosMs],
    bot: [playFrom + 66, playTo],
  };
  return { root, textMs, heard, repliedMs: firstTokenMs + turn.restOfReplyMs, endMs: playTo + 40 };
}

type SpecialTimes = {
  readonly eosMs: number;
  readonly textMs: number;
  readonly playFrom: number;
  readonly playTo: number;
};

function addSpecial(
  { place, root }: { readonly place: TurnPlace; readonly root: SpanView },
  turn: SampleTurn,
  { eosMs, textMs, playFrom, playTo }: SpecialTimes,
): void {
  const add = builderOf(place);
  if (turn.heardMs !== undefined)
    add(SpanName.bargeIn, root, [playTo - 240, playTo], {
      [Attr.stage]: Stage.bargeIn,
      [Attr.bargeInClearMs]: 60,
      [Attr.bargeInSentMs]: turn.playoutMs,
      [Attr.bargeInHeardMs]: turn.heardMs,
      [Attr.bargeInDiscardedMs]: turn.playoutMs - turn.heardMs,
    });
  if (turn.deadAir !== undefined)
    add(SpanName.deadAir, place.call, [eosMs, playFrom], { [Attr.deadAirCause]: turn.deadAir });
  if (turn.retrievalMs !== undefined)
    add('retrieval diary', root, [textMs + 340, textMs + 340 + turn.retrievalMs], {
      [Attr.stage]: Stage.retrieval,
      [Attr.retrievalSource]: 'diary',
      [Attr.retrievalResults]: 1,
    });
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

function addModelSpans(
  place: TurnPlace & { readonly withGap: boolean },
  root: SpanView,
  turn: SampleTurn,
  times: ModelTimes,
): void {
  const add = builderOf(place);
  const cost = (usd: number) => (place.withGap ? { [Attr.costUsd]: usd } : {});
  const { commitMs, textMs, firstTokenMs } = times;
  add(`speech_to_text ${STT[Attr.requestModel]}`, root, [commitMs, textMs], {
    ...STT,
    [Attr.stage]: Stage.transcription,
    [Attr.operationName]: 'speech_to_text',
    [Attr.sttAudioMs]: turn.speechMs + 180,
    ...cost(turn.speechMs * 1e-7),
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
      ...cost(0.0009 + place.index * 0.0001),
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
