import type { Attributes } from '@opentelemetry/api';
import type { CallSpan, Callspan, SpanRequest } from 'callspan';
import { Attr, Stage } from 'callspan/conventions';
import { ProviderError } from '../domain/errors.ts';
import type { Extractor, ReplyModel, Synthesizer, Transcriber, TurnRef } from '../domain/ports.ts';
import { missingFields } from '../domain/record.ts';

const SAMPLES_PER_MS = 8;

/** Which provider and model are behind a port. */
export type ModelIdentity = { readonly provider: string; readonly model: string };

/** Spans of speech to text: `speech_to_text {model}`. */
export function traceTranscriber(callspan: Callspan, port: Transcriber, identity: ModelIdentity): Transcriber {
  return {
    transcribe(request) {
      const attributes = {
        [Attr.sttAudioMs]: Math.round(request.samples.length / SAMPLES_PER_MS),
        [Attr.speechInputLanguage]: request.language,
      };
      const span = modelSpan('speech_to_text', Stage.transcription, identity, attributes);
      return runModelCall(callspan, { turn: request.turn, span }, () => port.transcribe(request));
    },
  };
}

/** Spans of the reply: `chat {model}`, from the request to its last chunk. */
export function traceReplyModel(callspan: Callspan, port: ReplyModel, identity: ModelIdentity): ReplyModel {
  return {
    reply(request) {
      const span = modelSpan('chat', Stage.reply, identity, {});
      return streamModelCall(callspan, { turn: request.turn, span }, () => port.reply(request));
    },
  };
}

/** Spans of the extraction: `chat {model}` with JSON output; which fields are missing, never a value. */
export function traceExtractor(callspan: Callspan, port: Extractor, identity: ModelIdentity): Extractor {
  return {
    extract(request) {
      const span = modelSpan('chat', Stage.extraction, identity, {
        [Attr.outputType]: 'json',
        [Attr.extractionSchema]: 'call_record',
      });
      return runModelCall(callspan, { turn: request.turn, span }, async (callSpan) => {
        try {
          const extraction = await port.extract(request);
          callSpan?.span.setAttributes({
            [Attr.extractionValid]: true,
            [Attr.extractionMissingFields]: missingFields(extraction),
          });
          return extraction;
        } catch (error) {
          if (error instanceof ProviderError && error.code === 'validation')
            callSpan?.span.setAttribute(Attr.extractionValid, false);
          throw error;
        }
      });
    },
  };
}

/** Spans of text to speech, one a request: `text_to_speech {model}`. */
export function traceSynthesizer(
  callspan: Callspan,
  port: Synthesizer,
  identity: ModelIdentity & { voice: string },
): Synthesizer {
  return {
    speak(request) {
      const span = modelSpan('text_to_speech', Stage.synthesis, identity, {
        [Attr.ttsCharacters]: request.text.length,
        [Attr.speechVoice]: identity.voice,
      });
      return streamModelCall(callspan, { turn: request.turn, span }, (callSpan) =>
        measured(port.speak(request), callSpan),
      );
    },
  };
}

async function* measured(audio: AsyncIterable<Uint8Array>, callSpan: CallSpan | undefined): AsyncGenerator<Uint8Array> {
  const startedAt = performance.now();
  let bytes = 0;
  try {
    for await (const piece of audio) {
      if (bytes === 0) callSpan?.span.setAttribute(Attr.ttsFirstByteMs, Math.round(performance.now() - startedAt));
      bytes += piece.length;
      yield piece;
    }
  } finally {
    callSpan?.span.setAttribute(Attr.ttsAudioMs, Math.round(bytes / SAMPLES_PER_MS));
  }
}

type Operation = 'speech_to_text' | 'chat' | 'text_to_speech';

function modelSpan(
  operation: Operation,
  stage: NonNullable<SpanRequest['stage']>,
  identity: ModelIdentity,
  attributes: Attributes,
): SpanRequest {
  return {
    name: `${operation} ${identity.model}`,
    stage,
    attributes: {
      [Attr.operationName]: operation,
      [Attr.providerName]: identity.provider,
      [Attr.requestModel]: identity.model,
      ...attributes,
    },
  };
}

type ModelRequest = { readonly turn: TurnRef; readonly span: SpanRequest };

function runModelCall<T>(
  callspan: Callspan,
  { turn, span }: ModelRequest,
  work: (span?: CallSpan) => Promise<T>,
): Promise<T> {
  const call = callspan.findCall(turn.callSid);
  return call ? call.runModel(span, turn.turnIndex, work) : work();
}

function streamModelCall<T>(
  callspan: Callspan,
  { turn, span }: ModelRequest,
  produce: (span?: CallSpan) => AsyncIterable<T>,
): AsyncIterable<T> {
  const call = callspan.findCall(turn.callSid);
  return call ? call.streamModel(span, turn.turnIndex, produce) : produce();
}
