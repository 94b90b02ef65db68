import { type Attributes, SpanKind } from '@opentelemetry/api';
import { Attr, Operation, Stage, type StageName, spanNameOf } from '../conventions/index.ts';
import type { MeasuredStage, StagePlace } from './stage-request.ts';

/** Where the execution belongs, and what else its span shall carry; attributes given here win. */
export type StageDetails = {
  readonly at?: StagePlace;
  readonly attributes?: Attributes;
};

/** The model behind a stage: `gen_ai.provider.name` and `gen_ai.request.model`. */
export type StageModel = StageDetails & { readonly provider: string; readonly model: string };

/** A transcription: `speech_to_text {model}`. `audioMs`: how much of the caller's audio it covers; `language`: BCP 47. */
export function transcriptionStage(
  stage: StageModel & { readonly audioMs?: number; readonly language?: string },
): MeasuredStage {
  return modelStage(stage, Stage.transcription, {
    [Attr.operationName]: Operation.speechToText,
    [Attr.sttAudioMs]: stage.audioMs,
    [Attr.speechInputLanguage]: stage.language,
  });
}

/** The reply of the language model: `chat {model}`. */
export function replyStage(stage: StageModel): MeasuredStage {
  return modelStage(stage, Stage.reply, { [Attr.operationName]: Operation.chat });
}

/** An extraction by a JSON schema of that name: `chat {model}` with JSON output. Never put extracted values on it. */
export function extractionStage(stage: StageModel & { readonly schema: string }): MeasuredStage {
  return modelStage(stage, Stage.extraction, {
    [Attr.operationName]: Operation.chat,
    [Attr.outputType]: 'json',
    [Attr.extractionSchema]: stage.schema,
  });
}

/** One request for speech: `text_to_speech {model}`. `characters` of its text; `cached`: answered from a store of one's own. */
export function synthesisStage(
  stage: StageModel & { readonly voice: string; readonly characters: number; readonly cached?: boolean },
): MeasuredStage {
  return modelStage(stage, Stage.synthesis, {
    [Attr.operationName]: Operation.textToSpeech,
    [Attr.speechVoice]: stage.voice,
    [Attr.ttsCharacters]: stage.characters,
    [Attr.ttsCached]: stage.cached,
  });
}

/** A look-up in a source of knowledge: `retrieval {source}`. */
export function retrievalStage(
  stage: StageDetails & { readonly source: string; readonly provider?: string },
): MeasuredStage {
  const { source, provider } = stage;
  return {
    ...placeOf(stage),
    name: spanNameOf(Operation.retrieval, source),
    stage: Stage.retrieval,
    kind: SpanKind.CLIENT,
    ...(provider === undefined ? {} : { provider }),
    attributes: attributesOf(stage, {
      [Attr.operationName]: Operation.retrieval,
      [Attr.retrievalSource]: source,
    }),
  };
}

/**
 * A tool that the bot carries out, for example any CRM call, read or write: `execute_tool {name}`. `name` says the
 * operation (`find_customer`, `book_visit`); `provider` who answers it. Default stage `save`: the limit of CRM calls.
 */
export function toolStage(
  stage: StageDetails & { readonly name: string; readonly stage?: StageName; readonly provider?: string },
): MeasuredStage {
  const { name, provider } = stage;
  return {
    ...placeOf(stage),
    name: spanNameOf(Operation.executeTool, name),
    stage: stage.stage ?? Stage.save,
    kind: SpanKind.INTERNAL,
    ...(provider === undefined ? {} : { provider }),
    attributes: attributesOf(stage, {
      [Attr.operationName]: Operation.executeTool,
      [Attr.toolName]: name,
    }),
  };
}

type ModelAttributes = Attributes & { readonly [Attr.operationName]: string };

function modelStage(stage: StageModel, name: StageName, attributes: ModelAttributes): MeasuredStage {
  const { provider, model } = stage;
  return {
    ...placeOf(stage),
    name: spanNameOf(attributes[Attr.operationName], model),
    stage: name,
    kind: SpanKind.CLIENT,
    provider,
    model,
    asksModel: true,
    attributes: attributesOf(stage, attributes),
  };
}

function placeOf({ at }: StageDetails): Pick<MeasuredStage, 'at'> {
  return at === undefined ? {} : { at };
}

function attributesOf({ attributes }: StageDetails, own: Attributes): Attributes {
  const known: Attributes = {};
  for (const key in own) if (own[key] !== undefined) known[key] = own[key];
  return attributes === undefined ? known : Object.assign(known, attributes);
}
