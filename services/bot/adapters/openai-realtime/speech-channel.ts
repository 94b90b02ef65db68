import type { RealtimeResponse, RealtimeServerEvent, SessionUpdateEvent } from 'openai/resources/realtime/realtime';
import type { Clock } from '../../../line/clock.ts';
import { ProviderError } from '../../domain/errors.ts';
import type { Language } from '../../domain/ports.ts';
import { createQueue, type Queue } from '../../domain/queue.ts';
import { reasonOf, toProviderError } from './failures.ts';
import type { RealtimeSession } from './session.ts';

/** From the request to its first audio, milliseconds of the clock. */
const FIRST_AUDIO_TIMEOUT_MS = 2500;
const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { fr: 'French', en: 'English' };

/** Responses that read text aloud, over one session. */
export type SpeechChannel = {
  readonly isOpen: boolean;
  /** Yields µ-law as it comes. @throws ProviderError */
  say(text: string, language: Language, signal: AbortSignal): AsyncIterable<Uint8Array>;
  close(): void;
};

/** The settings of a session that is a voice and nothing else. */
export function speechSettings(model: string, voice: string): SessionUpdateEvent['session'] {
  return {
    type: 'realtime',
    model,
    output_modalities: ['audio'],
    audio: { input: { turn_detection: null }, output: { format: { type: 'audio/pcmu' }, voice } },
  };
}

type Saying = {
  readonly eventId: string;
  readonly audio: Queue<Uint8Array>;
  bytes: number;
  /** Known once the server has begun. */
  responseId: string | undefined;
  isStopped: boolean;
  readonly cancelTimeout: () => void;
};

export function createSpeechChannel(session: RealtimeSession, clock: Clock): SpeechChannel {
  return new Channel(session, clock);
}

class Channel implements SpeechChannel {
  readonly #session: RealtimeSession;
  readonly #clock: Clock;
  readonly #sayings = new Map<string, Saying>();
  #count = 0;

  constructor(session: RealtimeSession, clock: Clock) {
    this.#session = session;
    this.#clock = clock;
    session.listen({ event: (event) => this.#heard(event), broken: (error) => this.#failAll(error) });
  }

  get isOpen(): boolean {
    return this.#session.isOpen;
  }

  close(): void {
    this.#session.close();
  }

  async *say(text: string, language: Language, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    if (signal.aborted) throw reasonOf(signal);
    const saying = this.#ask(text, language);
    const stop = () => this.#stop(saying, reasonOf(signal));
    signal.addEventListener('abort', stop, { once: true });
    try {
      yield* saying.audio;
    } finally {
      signal.removeEventListener('abort', stop);
      this.#stop(saying, new ProviderError('cancelled', 'not needed any more'));
    }
  }

  /** Out of the conversation: each request holds all the words that it is about, and none of those before. */
  #ask(text: string, language: Language): Saying {
    this.#count += 1;
    const eventId = `say_${this.#count}`;
    const saying: Saying = {
      eventId,
      audio: createQueue(),
      bytes: 0,
      responseId: undefined,
      isStopped: false,
      cancelTimeout: this.#clock.after(FIRST_AUDIO_TIMEOUT_MS, () => {
        const late = new ProviderError('timeout', `no audio within ${FIRST_AUDIO_TIMEOUT_MS} ms`);
        this.#end(saying, late);
        // A server that does not answer once is not asked again on this connection.
        this.#session.fail(late);
      }),
    };
    this.#sayings.set(eventId, saying);
    if (!this.#session.isOpen) this.#end(saying, new ProviderError('websocket', 'the session is over'));
    this.#session.send({
      type: 'response.create',
      event_id: eventId,
      response: {
        conversation: 'none',
        output_modalities: ['audio'],
        instructions: `Read the user's text aloud in ${LANGUAGE_NAMES[language]}, exactly as it is written, word for word. It is a script: answer nothing, add nothing, leave nothing out.`,
        input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text }] }],
        metadata: { request: eventId },
      },
    });
    return saying;
  }

  /** Nobody listens any more. */
  #stop(saying: Saying, reason: ProviderError): void {
    if (saying.isStopped || !this.#sayings.has(saying.eventId)) return;
    saying.isStopped = true;
    saying.cancelTimeout();
    saying.audio.close(reason);
    if (reason.code === 'timeout') this.#session.fail(reason);
    else if (saying.responseId !== undefined) this.#cancel(saying);
  }

  #cancel({ eventId, responseId = '' }: Saying): void {
    this.#sayings.delete(eventId);
    this.#session.send({ type: 'response.cancel', event_id: `cancel_${eventId}`, response_id: responseId });
  }

  #heard(event: RealtimeServerEvent): void {
    switch (event.type) {
      case 'response.created':
        this.#begun(event.response);
        break;
      case 'response.output_audio.delta':
        this.#sounded(this.#ofResponse(event.response_id), event.delta);
        break;
      case 'response.done':
        this.#done(event.response);
        break;
      case 'error': {
        const { event_id: causeId, ...failure } = event.error ?? {};
        // What was to be cancelled had ended by itself.
        if (causeId?.startsWith('cancel_') || failure.code === 'response_cancel_not_active') return;
        const saying = this.#sayings.get(causeId ?? '');
        if (saying) this.#end(saying, toProviderError(failure));
        else this.#failAll(toProviderError(failure));
      }
    }
  }

  #begun({ id, metadata }: RealtimeResponse): void {
    const named = this.#sayings.get(metadata?.request ?? '');
    // A server that does not return the metadata begins in the order of the requests.
    const saying = named ?? [...this.#sayings.values()].find(({ responseId }) => responseId === undefined);
    if (!saying || id === undefined) return;
    saying.responseId = id;
    if (saying.isStopped) this.#cancel(saying);
  }

  #sounded(saying: Saying | undefined, delta: string): void {
    if (!saying || saying.isStopped) return;
    saying.cancelTimeout();
    const audio = new Uint8Array(Buffer.from(String(delta), 'base64'));
    saying.bytes += audio.length;
    if (audio.length > 0) saying.audio.push(audio);
  }

  #done(response: RealtimeResponse): void {
    const saying = this.#ofResponse(response.id);
    if (!saying) return;
    const { status, status_details: details } = response;
    if (status === 'completed' && saying.bytes > 0) this.#end(saying);
    else if (status === 'completed') this.#end(saying, new ProviderError('api', 'the voice sent no audio'));
    else if (status === 'incomplete') this.#end(saying, new ProviderError('model', 'the voice was cut off'));
    else this.#end(saying, toProviderError(details?.error ?? { code: details?.reason ?? status }));
  }

  #ofResponse(id: string | undefined): Saying | undefined {
    return id === undefined ? undefined : [...this.#sayings.values()].find(({ responseId }) => responseId === id);
  }

  #end(saying: Saying, error?: ProviderError): void {
    saying.cancelTimeout();
    this.#sayings.delete(saying.eventId);
    saying.audio.close(error);
  }

  #failAll(error: ProviderError): void {
    for (const saying of [...this.#sayings.values()]) this.#end(saying, error);
  }
}
