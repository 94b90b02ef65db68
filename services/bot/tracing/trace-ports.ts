import {
  type CallSpan,
  type Callspan,
  extractionStage,
  replyStage,
  retrievalStage,
  synthesisStage,
  transcriptionStage,
} from 'callspan';
import { Attr, Metric } from 'callspan/conventions';
import { decodeMulaw } from '../../line/mulaw.ts';
import { ProviderError } from '../domain/errors.ts';
import { findGroundedRatio } from '../domain/grounding.ts';
import type {
  Extractor,
  LiveTranscriber,
  ReplyModel,
  ReplyPart,
  Retriever,
  Synthesizer,
  Transcriber,
  TurnRef,
} from '../domain/ports.ts';
import { missingFields } from '../domain/record.ts';
import { createSentenceSplitter } from '../domain/sentences.ts';

const SAMPLES_PER_MS = 8;
/** Quieter samples are silence to a caller. */
const AUDIBLE_AMPLITUDE = 200;

/** Which provider and model are behind a port. */
export type ModelIdentity = { readonly provider: string; readonly model: string };

/** Spans of speech to text, from the request to the transcript. */
export function traceTranscriber(callspan: Callspan, port: Transcriber, identity: ModelIdentity): Transcriber {
  return {
    transcribe(request) {
      const { turn: at, samples, language } = request;
      const stage = transcriptionStage({ ...identity, at, language, audioMs: toMs(samples.length) });
      return callspan.model(stage, () => port.transcribe(request));
    },
  };
}

/** Spans of speech to text while the caller speaks: from the end of their words to the transcript. */
export function traceLiveTranscriber(
  callspan: Callspan,
  port: LiveTranscriber,
  identity: ModelIdentity,
): LiveTranscriber {
  return {
    listen(request) {
      const { turn: at, language } = request;
      const stream = port.listen(request);
      let samples = 0;
      return {
        append(frame) {
          samples += frame.length;
          stream.append(frame);
        },
        commit: () =>
          callspan.model(transcriptionStage({ ...identity, at, language, audioMs: toMs(samples) }), () =>
            stream.commit(),
          ),
        cancel: () => stream.cancel(),
      };
    },
  };
}

/** Spans of the reply, from the request to its last chunk. */
export function traceReplyModel(callspan: Callspan, port: ReplyModel, identity: ModelIdentity): ReplyModel {
  return {
    reply: (request) =>
      callspan.modelStream(replyStage({ ...identity, at: request.turn }), ({ span }) =>
        watchFirstSentence(port.reply(request), (afterMs) => span.setAttribute(Attr.llmFirstSentenceMs, afterMs)),
      ),
  };
}

/** The first sentence is what a voice can begin to speak; milliseconds from the request. */
async function* watchFirstSentence(
  parts: AsyncIterable<ReplyPart>,
  tell: (afterMs: number) => void,
): AsyncGenerator<ReplyPart> {
  const startedAt = performance.now();
  const splitter = createSentenceSplitter();
  let isTold = false;
  for await (const part of parts) {
    if (!isTold && part.kind === 'text' && splitter.push(part.text).length > 0) {
      isTold = true;
      tell(Math.round(performance.now() - startedAt));
    }
    yield part;
  }
}

/** Spans of the extraction: which fields are missing, never a value. */
export function traceExtractor(callspan: Callspan, port: Extractor, identity: ModelIdentity): Extractor {
  const { instruments } = callspan.tools;
  const count = (result: string) => instruments.record(Metric.extractionCount, 1, { result });
  return {
    extract(request) {
      const stage = extractionStage({ ...identity, at: request.turn, schema: 'call_record' });
      return callspan.model(stage, async ({ span }) => {
        try {
          const extraction = await port.extract(request);
          const grounded = findGroundedRatio(extraction, request.messages);
          span.setAttributes({
            [Attr.extractionValid]: true,
            [Attr.extractionMissingFields]: missingFields(extraction),
            ...(grounded === undefined ? {} : { [Attr.extractionGroundedRatio]: grounded }),
          });
          count('valid');
          return extraction;
        } catch (error) {
          const isInvalid = error instanceof ProviderError && error.code === 'validation';
          if (isInvalid) span.setAttribute(Attr.extractionValid, false);
          count(isInvalid ? 'invalid' : 'failed');
          throw error;
        }
      });
    },
  };
}

/** Spans of looking something up in what the business has written. */
export function traceRetriever(callspan: Callspan, port: Retriever, source: string): Retriever {
  return {
    async retrieve(request) {
      const stage = callspan.startStage(retrievalStage({ source, at: request.turn }));
      try {
        const passages = await stage.run(() => port.retrieve(request));
        stage.setAttributes({ [Attr.retrievalResults]: passages.length });
        return passages;
      } catch (error) {
        stage.fail(error);
        throw error;
      } finally {
        stage.end();
      }
    },
  };
}

/** How much audio was made for a turn, milliseconds; undefined when none was. */
export type GeneratedAudio = (turn: TurnRef) => number | undefined;

/** Spans of text to speech, one a request, and how much audio each turn got. */
export function traceSynthesizer(
  callspan: Callspan,
  port: Synthesizer,
  identity: ModelIdentity & { readonly voice: string },
): { readonly synthesizer: Synthesizer; readonly generatedAudioMs: GeneratedAudio; forget(callSid: string): void } {
  const generated = new Map<string, Map<number, number>>();
  const note = ({ callSid, turnIndex }: TurnRef, samples: number) => {
    const turns = generated.get(callSid);
    turns?.set(turnIndex, (turns.get(turnIndex) ?? 0) + toMs(samples));
  };
  return {
    synthesizer: {
      ...(port.isCached ? { isCached: (request) => port.isCached?.(request) === true } : {}),
      speak(request) {
        const { turn, text } = request;
        const cached = port.isCached?.(request) === true;
        const stage = synthesisStage({ ...identity, at: turn, characters: text.length, cached });
        if (!generated.has(turn.callSid)) generated.set(turn.callSid, new Map());
        return callspan.modelStream(stage, (callSpan) =>
          measured(port.speak(request), callSpan, (samples) => note(turn, samples)),
        );
      },
    },
    generatedAudioMs: ({ callSid, turnIndex }) => generated.get(callSid)?.get(turnIndex),
    forget: (callSid) => void generated.delete(callSid),
  };
}

async function* measured(
  audio: AsyncIterable<Uint8Array>,
  { span }: CallSpan,
  note: (samples: number) => void,
): AsyncGenerator<Uint8Array> {
  const startedAt = performance.now();
  let samples = 0;
  let isAudible = false;
  try {
    for await (const piece of audio) {
      if (samples === 0) span.setAttribute(Attr.ttsFirstByteMs, Math.round(performance.now() - startedAt));
      if (!isAudible) {
        const first = decodeMulaw(piece).findIndex((sample) => Math.abs(sample) > AUDIBLE_AMPLITUDE);
        isAudible = first >= 0;
        if (isAudible) span.setAttribute(Attr.ttsLeadingSilenceMs, toMs(samples + first));
      }
      samples += piece.length;
      note(piece.length);
      yield piece;
    }
  } finally {
    span.setAttribute(Attr.ttsAudioMs, toMs(samples));
  }
}

function toMs(samples: number): number {
  return Math.round(samples / SAMPLES_PER_MS);
}
