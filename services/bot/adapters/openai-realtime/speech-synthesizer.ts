import type { Synthesizer } from '../../domain/ports.ts';
import { connectPlain, realtimeUrl } from './connect.ts';
import { reasonOf } from './failures.ts';
import { createLinks } from './links.ts';
import type { RealtimeEndpoint, RealtimePort } from './live-transcriber.ts';
import { openSession } from './session.ts';
import { createSpeechChannel, speechSettings } from './speech-channel.ts';

/**
 * Text to speech over the Realtime API: a session a call, a response a sentence, µ-law for the line as it comes. The model is
 * told to read; it may still say something else, as a language model does.
 */
export function createRealtimeSynthesizer(
  endpoint: RealtimeEndpoint & { readonly voice: string },
): RealtimePort<Synthesizer> {
  const { baseUrl, apiKey, model, voice, clock, connect = connectPlain } = endpoint;
  const url = realtimeUrl(baseUrl, { model });
  const options = { url, apiKey, connect, clock, settings: speechSettings(model, voice) };
  const links = createLinks(async (callSid) => createSpeechChannel(await openSession(options, callSid), clock));
  return {
    port: {
      async *speak({ turn, text, language, signal }) {
        const stopped = Promise.withResolvers<never>();
        stopped.promise.catch(() => undefined);
        const stop = () => stopped.reject(reasonOf(signal));
        if (signal.aborted) stop();
        signal.addEventListener('abort', stop, { once: true });
        const channel = await Promise.race([stopped.promise, links.get(turn.callSid)]);
        yield* channel.say(text, language, signal);
      },
    },
    resources: links,
    close: links.closeAll,
  };
}
