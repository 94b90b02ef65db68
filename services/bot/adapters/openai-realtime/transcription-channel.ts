import type { RealtimeServerEvent, SessionUpdateEvent } from 'openai/resources/realtime/realtime';
import type { Clock } from '../../../line/clock.ts';
import { encodeMulaw } from '../../../line/mulaw.ts';
import { ProviderError } from '../../domain/errors.ts';
import type { Language, TranscriptionStream } from '../../domain/ports.ts';
import { toProviderError } from './failures.ts';
import type { RealtimeSession } from './session.ts';

/** From the commit to the transcript, milliseconds of the clock. */
const ANSWER_TIMEOUT_MS = 2500;

/** Utterances over one session: one is streamed at a time, while those before it may still wait for their transcripts. */
export type TranscriptionChannel = {
  readonly isOpen: boolean;
  begin(language: Language): TranscriptionStream;
  close(): void;
};

/** The settings of a session: the line's own µ-law, no turn detection, for the bot's own ear decides. */
export function transcriptionSettings(model: string, language?: Language): SessionUpdateEvent['session'] {
  const transcription = language ? { model, language } : { model };
  return {
    type: 'transcription',
    audio: { input: { format: { type: 'audio/pcmu' }, transcription, turn_detection: null } },
  };
}

type Pending = {
  readonly eventId: string;
  readonly answer: PromiseWithResolvers<string>;
  /** Known once the server has confirmed the commit. */
  itemId: string | undefined;
  readonly cancelTimeout: () => void;
};

export function createTranscriptionChannel(
  session: RealtimeSession,
  model: string,
  clock: Clock,
): TranscriptionChannel {
  return new Channel(session, model, clock);
}

class Channel implements TranscriptionChannel {
  readonly #session: RealtimeSession;
  readonly #model: string;
  readonly #clock: Clock;
  /** In the order of their commits: the server confirms them in this order, and completes them in any. */
  readonly #pending: Pending[] = [];
  #language: Language | undefined;
  #streams = 0;
  /** The stream whose audio is in the server's buffer. */
  #active: { failure?: ProviderError } | undefined;

  constructor(session: RealtimeSession, model: string, clock: Clock) {
    this.#session = session;
    this.#model = model;
    this.#clock = clock;
    session.listen({ event: (event) => this.#heard(event), broken: (error) => this.#failAll(error) });
  }

  get isOpen(): boolean {
    return this.#session.isOpen;
  }

  close(): void {
    this.#session.close();
  }

  begin(language: Language): TranscriptionStream {
    if (this.#active) this.#clear(this.#active);
    if (language !== this.#language)
      this.#session.send({ type: 'session.update', session: transcriptionSettings(this.#model, language) });
    this.#language = language;
    const stream: { failure?: ProviderError } = {};
    this.#active = stream;
    let committed: Pending | undefined;
    return {
      append: (frame) => {
        if (this.#active !== stream) return;
        const audio = Buffer.from(encodeMulaw(frame)).toString('base64');
        this.#session.send({ type: 'input_audio_buffer.append', audio });
      },
      commit: async () => {
        if (stream.failure) throw stream.failure;
        committed = this.#commit(stream);
        return committed.answer.promise;
      },
      cancel: () => {
        if (committed) giveUp(committed);
        else if (this.#active === stream) this.#clear(stream);
      },
    };
  }

  #commit(stream: object): Pending {
    if (this.#active === stream) this.#active = undefined;
    this.#streams += 1;
    const eventId = `commit_${this.#streams}`;
    const pending: Pending = {
      eventId,
      answer: Promise.withResolvers(),
      itemId: undefined,
      cancelTimeout: this.#clock.after(ANSWER_TIMEOUT_MS, () => {
        const late = new ProviderError('timeout', `no transcript within ${ANSWER_TIMEOUT_MS} ms`);
        this.#settle(pending, late);
        // A server that does not answer once is not asked again on this connection.
        this.#session.fail(late);
      }),
    };
    this.#pending.push(pending);
    this.#session.send({ type: 'input_audio_buffer.commit', event_id: eventId });
    return pending;
  }

  #clear(stream: { failure?: ProviderError }): void {
    stream.failure ??= new ProviderError('cancelled', 'not wanted any more');
    this.#active = undefined;
    this.#session.send({ type: 'input_audio_buffer.clear' });
  }

  #heard(event: RealtimeServerEvent): void {
    if (event.type === 'input_audio_buffer.committed') {
      const next = this.#pending.find(({ itemId }) => itemId === undefined);
      if (next) next.itemId = event.item_id;
    } else if (event.type === 'conversation.item.input_audio_transcription.completed') {
      this.#settle(this.#ofItem(event.item_id), String(event.transcript ?? '').trim());
    } else if (event.type === 'conversation.item.input_audio_transcription.failed') {
      this.#settle(this.#ofItem(event.item_id), toProviderError(event.error));
    } else if (event.type === 'error') {
      const error = toProviderError(event.error);
      const cause = this.#pending.find(({ eventId }) => eventId === event.error?.event_id);
      if (cause) this.#settle(cause, error);
      // Nobody knows which audio was lost.
      else this.#failAll(error);
    }
  }

  #ofItem(itemId: string): Pending | undefined {
    return this.#pending.find((pending) => pending.itemId === itemId);
  }

  #settle(pending: Pending | undefined, outcome: string | ProviderError): void {
    if (!pending) return;
    pending.cancelTimeout();
    if (typeof outcome === 'string') pending.answer.resolve(outcome);
    else pending.answer.reject(outcome);
    this.#pending.splice(this.#pending.indexOf(pending), 1);
  }

  #failAll(error: ProviderError): void {
    if (this.#active) this.#active.failure ??= error;
    for (const pending of [...this.#pending]) this.#settle(pending, error);
  }
}

/** It keeps its place in the order until the server is done with it. */
function giveUp({ answer, cancelTimeout }: Pending): void {
  cancelTimeout();
  answer.reject(new ProviderError('cancelled', 'not wanted any more'));
}
