import { AsyncResource } from 'node:async_hooks';
import type { Clock } from '../../../line/clock.ts';
import type { CallResources, LiveTranscriber, TranscriptionStream } from '../../domain/ports.ts';
import { type Connect, connectPlain, realtimeUrl } from './connect.ts';
import { reasonOf } from './failures.ts';
import { createLinks } from './links.ts';
import { openSession } from './session.ts';
import {
  createTranscriptionChannel,
  type TranscriptionChannel,
  transcriptionSettings,
} from './transcription-channel.ts';

/** Where and how a Realtime model is reached. `baseUrl`: `http(s)://host/v1`. */
export type RealtimeEndpoint = {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
  readonly clock: Clock;
  /** Default: a plain socket. */
  readonly connect?: Connect | undefined;
};

/** An adapter that keeps sockets, and their end. */
export type RealtimePort<T> = { readonly port: T; readonly resources: CallResources; close(): void };

/**
 * Speech to text over the Realtime API while the caller speaks: a transcription session a call (`?intent=transcription`), the
 * line's µ-law as it is, an utterance a commit. Source: openai 7.55,
 * `resources/realtime/realtime.d.ts`.
 */
export function createLiveTranscriber(endpoint: RealtimeEndpoint): RealtimePort<LiveTranscriber> {
  const { baseUrl, apiKey, model, clock, connect = connectPlain } = endpoint;
  const url = realtimeUrl(baseUrl, { intent: 'transcription' });
  const options = { url, apiKey, connect, clock, settings: transcriptionSettings(model) };
  const links = createLinks(async (callSid) =>
    createTranscriptionChannel(await openSession(options, callSid), model, clock),
  );
  return {
    port: {
      listen({ turn, language, signal }) {
        const stream = createEarlyStream(links.get(turn.callSid), (channel) => channel.begin(language), signal);
        signal.addEventListener('abort', stream.cancel, { once: true });
        return stream;
      },
    },
    resources: links,
    close: links.closeAll,
  };
}

/** A stream that can be spoken into while its channel is being opened. */
function createEarlyStream(
  opening: Promise<TranscriptionChannel>,
  begin: (channel: TranscriptionChannel) => TranscriptionStream,
  signal: AbortSignal,
): TranscriptionStream {
  let early: Int16Array[] = [];
  let stream: TranscriptionStream | undefined;
  let isCommitted = false;
  let commitEarly: ((opened: TranscriptionStream) => void) | undefined;
  let isCancelled = false;
  const answer = Promise.withResolvers<string>();
  answer.promise.catch(() => undefined);
  opening.then(
    (channel) => {
      if (isCancelled) return;
      stream = begin(channel);
      for (const frame of early) stream.append(frame);
      early = [];
      // In the same breath: the next stream may be waiting for the same channel.
      commitEarly?.(stream);
    },
    (error) => answer.reject(error),
  );
  return {
    append(frame) {
      if (isCancelled || isCommitted) return;
      if (stream) stream.append(frame);
      else early.push(frame);
    },
    commit() {
      isCommitted = true;
      const send = (opened: TranscriptionStream) => answer.resolve(opened.commit());
      if (stream) send(stream);
      // What is sent belongs to the work that asked for it, not to the one that began to listen.
      else commitEarly = AsyncResource.bind(send);
      return answer.promise;
    },
    cancel() {
      isCancelled = true;
      early = [];
      answer.reject(reasonOf(signal));
      stream?.cancel();
    },
  };
}
