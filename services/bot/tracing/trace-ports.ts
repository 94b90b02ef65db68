import {
  type CallSpan,
  type Callspan,
  extractionStage,
  replyStage,
  retrievalStage,
  synthesisStage,
  transcriptionStage,
} from 'callspan';
import { Attr } from 'callspan/conventions';
import { ProviderError } from '../domain/errors.ts';
import type {
  Extractor,
  LiveTranscriber,
  ReplyModel,
  Retriever,
  Synthesizer,
  Transcriber,
  TurnRef,
} from '../domain/ports.ts';
import { missingFields } from '../domain/record.ts';

const SAMPLES_PER_MS = 8;

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
    reply: (request) => callspan.modelStream(replyStage({ ...identity, at: request.turn }), () => port.reply(request)),
  };
}

/** Spans of the extraction: which fields are missing, never a value. */
export function traceExtractor(callspan: Callspan, port: Extractor, identity: ModelIdentity): Extractor {
  return {
    extract(request) {
      const stage = extractionStage({ ...identity, at: request.turn, schema: 'call_record' });
      return callspan.model(stage, async ({ span }) => {
        try {
          const extraction = await port.extract(request);
          span.setAttributes({
            [Attr.extractionValid]: true,
            [Attr.extractionMissingFields]: missingFields(extraction),
          });
          return extraction;
        } catch (error) {
          if (error instanceof ProviderError && error.code === 'validation')
            span.setAttribute(Attr.extractionValid, false);
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
      const stage = retrievalStage({ source, at: request.turn });
      const find = callspan.wrap(stage, () => port.retrieve(request));
      return find();
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
  try {
    for await (const piece of audio) {
      if (samples === 0) span.setAttribute(Attr.ttsFirstByteMs, Math.round(performance.now() - startedAt));
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
