import { Attr, Stage } from '../conventions/index.ts';
import { factsOf, type Json, objectAt, textAt } from './answer-facts.ts';
import { eventFailure, type RealtimeOperation, type RealtimeParts } from './realtime-operation.ts';
import { base64Bytes } from './realtime-session.ts';

/** The responses that a socket makes. Times are monotonic milliseconds. */
export type Responses = {
  /** The app asked for a response. */
  created(event: Json, atMs: number): void;
  /** Audio of a response came, as base64. */
  audio(responseId: string, base64: string): void;
  /** An event of the server, by its type. */
  received(type: string, event: Json): void;
  /** Fails the request that the error is about; false when it is about none. */
  refused(error: Json): boolean;
  readonly open: readonly RealtimeOperation[];
};

type Response = { readonly operation: RealtimeOperation; bytes: number };
type Request = {
  readonly operation: RealtimeOperation;
  readonly eventId: string | undefined;
  /** An error that may have been its refusal: it named nothing. */
  doubt?: Json;
};

/** Each is a span from its request (or, when the server began by itself, from its creation) until it is done. */
export function createResponses(parts: RealtimeParts): Responses {
  const { session, start } = parts;
  const requests: Request[] = [];
  const responses = new Map<string, Response>();
  const kind =
    parts.purpose === 'speech'
      ? ({ operation: 'text_to_speech', stage: Stage.synthesis } as const)
      : ({ operation: 'chat', stage: Stage.reply } as const);

  const begin = (startedAtMs?: number) =>
    start({
      ...kind,
      model: session.model,
      attributes: parts.purpose === 'speech' && session.voice ? { [Attr.speechVoice]: session.voice } : {},
      ...(startedAtMs === undefined ? {} : { startedAtMs }),
    });

  const finish = (response: Json | undefined) => {
    const id = textAt(response, 'id') ?? '';
    const made = responses.get(id);
    if (!made || !response) return;
    responses.delete(id);
    const { operation, bytes } = made;
    operation.call.recordFacts(factsOf(response));
    if (bytes > 0) {
      operation.call.setAttributes({ [Attr.ttsAudioMs]: Math.round(bytes / session.outputBytesPerMs) });
    }
    const status = textAt(response, 'status');
    if (status === 'cancelled') operation.cancel();
    else if (status === 'failed') operation.fail(eventFailure(objectAt(response, 'status_details')));
    else operation.end();
  };

  return {
    created(event, atMs) {
      // Whoever asks again after an error got no answer: kept, it would take the answer to this one.
      for (const { operation, doubt } of takeDoubtful(requests)) operation.fail(eventFailure(doubt));
      requests.push({ operation: begin(atMs), eventId: textAt(event, 'event_id') });
    },
    audio(responseId, base64) {
      const made = responses.get(responseId);
      if (!made) return;
      made.bytes += base64Bytes(base64);
      made.operation.call.recordFirstChunk();
    },
    received(type, event) {
      const response = objectAt(event, 'response');
      const id = textAt(response, 'id');
      if (type === 'response.created' && id) {
        responses.set(id, { operation: requests.shift()?.operation ?? begin(), bytes: 0 });
      }
      // Without audio the text is the answer; beside audio it comes as a transcript, which is no output of its own.
      if (type === 'response.output_text.delta' || type === 'response.text.delta') {
        responses.get(textAt(event, 'response_id') ?? '')?.operation.call.recordFirstChunk();
      }
      if (type === 'response.done') finish(response);
    },
    refused(event) {
      const error = objectAt(event, 'error');
      const eventId = textAt(error, 'event_id');
      const oldest = mayRefuseResponse(error) ? 0 : -1;
      const index = eventId ? requests.findIndex((request) => request.eventId === eventId) : oldest;
      const [request] = index < 0 ? [] : requests.splice(index, 1);
      request?.operation.fail(eventFailure(event));
      if (!request && !eventId && !isAboutOthers(error)) for (const waiting of requests) waiting.doubt = event;
      return request !== undefined;
    },
    get open() {
      return [...requests, ...responses.values()].map(({ operation }) => operation);
    },
  };
}

function takeDoubtful(requests: Request[]): readonly Request[] {
  const doubtful = requests.filter(({ doubt }) => doubt !== undefined);
  if (doubtful.length > 0) requests.splice(0, requests.length, ...requests.filter(({ doubt }) => doubt === undefined));
  return doubtful;
}

const OF_OTHERS = /^(response_cancel|input_audio_buffer|item_|session)/;

/** Whether an error says itself, by its field or its code, that it is about something else than the making of a response. */
function isAboutOthers(error: Json | undefined): boolean {
  const param = textAt(error, 'param');
  return param ? !/^response\b/.test(param) : OF_OTHERS.test(textAt(error, 'code') ?? '');
}

const REFUSALS = /^(conversation_already_has_active_response|rate_limit|insufficient_quota|server_error)/;

/** Whether an error that names no event can be about the making of a response: by its code, its field or its type. */
function mayRefuseResponse(error: Json | undefined): boolean {
  const { code, param, type } = {
    code: textAt(error, 'code'),
    param: textAt(error, 'param'),
    type: textAt(error, 'type'),
  };
  if (param) return /^response\b/.test(param);
  return REFUSALS.test(code ?? type ?? '');
}
