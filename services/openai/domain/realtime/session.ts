import { demodulate } from '../../../line/modem.ts';
import { createBadRequest } from '../api-error.ts';
import { createToken } from '../random.ts';
import type { Standin } from '../standin.ts';
import { decodeAudio, RATES_HZ, toLineSamples } from './audio.ts';
import { AUTOMATIC_RESPONSE, type ClientEvent, parseClientEvent, parseFrame, readEventId } from './client-events.ts';
import { createContext, type Peer, type SessionContext } from './context.ts';
import { createInputBuffer, type InputBuffer } from './input-buffer.ts';
import { checkToolOutput, createAudioItem, createConversation, parseItem } from './items.ts';
import { createResponder, type Responder } from './responder.ts';
import {
  createSessionConfig,
  describeSession,
  type SessionConfig,
  UnusableModel,
  updateSessionConfig,
} from './session-config.ts';
import { transcribe } from './transcriber.ts';
import { createTurnDetector, type TurnDetector, type TurnEvent } from './turn-detector.ts';

/** A realtime session, from its first event to its end. */
export type RealtimeSession = {
  /** One text frame of the client. Never throws. */
  receive(text: string): void;
  /** The connection is gone: everything that goes on is dropped. */
  end(): void;
};

const SESSION_SECONDS = 3_600;
const SHORTEST_COMMIT_MS = 100;
/** More than this uncommitted is thrown away: nobody speaks for ten minutes at a time. */
const LONGEST_BUFFER_MS = 600_000;

/** Opens a session and says so. `model` is null for a transcription session. */
export function openRealtimeSession(standin: Standin, peer: Peer, model: string | null): RealtimeSession {
  return new Session(standin, peer, createSessionConfig(model === null ? 'transcription' : 'realtime', model));
}

class Session implements RealtimeSession {
  readonly #context: SessionContext;
  readonly #peer: Peer;
  readonly #responder: Responder;
  readonly #ending = new AbortController();
  readonly #id: string;
  readonly #expiresAt: number;
  #config: SessionConfig;
  #buffer: InputBuffer;
  #detector: TurnDetector | null = null;
  /** Of the turn that is being spoken: its item to be, and where its audio begins. */
  #turn: { readonly itemId: string; readonly startMs: number } | null = null;

  constructor(standin: Standin, peer: Peer, config: SessionConfig) {
    this.#config = config;
    this.#peer = peer;
    this.#context = createContext(standin, peer, {
      config: () => this.#config,
      conversation: createConversation(`conv_${createToken(standin.random, 21)}`),
      signal: this.#ending.signal,
    });
    this.#id = this.#context.createId('sess');
    this.#expiresAt = standin.epochSeconds() + SESSION_SECONDS;
    this.#responder = createResponder(this.#context, (work) => this.#run(work));
    this.#buffer = createInputBuffer(RATES_HZ[config.inputFormat]);
    this.#detector = this.#createDetector();
    this.#context.emit('session.created', { session: this.#describe() });
  }

  receive(text: string): void {
    let causeId: string | null = null;
    try {
      const value = parseFrame(text);
      causeId = readEventId(value);
      this.#handle(parseClientEvent(value), causeId);
    } catch (error) {
      this.#context.emitError(error, causeId);
      if (error instanceof UnusableModel) this.#peer.close(4_000, 'invalid_request_error.invalid_model');
    }
  }

  end(): void {
    this.#ending.abort(new Error('the session has ended'));
  }

  #handle(event: ClientEvent, causeId: string | null): void {
    switch (event.type) {
      case 'session.update':
        this.#update(event.session);
        break;
      case 'input_audio_buffer.append':
        this.#append(event.audio, causeId);
        break;
      case 'input_audio_buffer.commit':
        this.#commitAll(causeId);
        break;
      case 'input_audio_buffer.clear':
        this.#clear();
        break;
      case 'response.create':
        this.#needConversation();
        this.#responder.create(event.response ?? AUTOMATIC_RESPONSE, causeId);
        break;
      case 'response.cancel':
        this.#cancel(event.response_id ?? null);
        break;
      default:
        this.#handleItem(event);
    }
  }

  #handleItem(event: Extract<ClientEvent, { type: `conversation.item.${string}` }>): void {
    const { conversation, createId, emit } = this.#context;
    this.#needConversation();
    if (event.type === 'conversation.item.create') {
      const item = parseItem(event.item, () => createId('item'), this.#config.inputFormat);
      checkToolOutput(item, conversation.list());
      const previous = conversation.add(item, event.previous_item_id ?? null);
      emit('conversation.item.added', { previous_item_id: previous, item: item.wire });
      emit('conversation.item.done', { previous_item_id: previous, item: item.wire });
    } else if (event.type === 'conversation.item.retrieve') {
      emit('conversation.item.retrieved', { item: conversation.find(event.item_id, 'item_id').wire });
    } else if (event.type === 'conversation.item.truncate') {
      conversation.truncate(event.item_id, event.audio_end_ms);
      const { item_id, content_index, audio_end_ms } = event;
      emit('conversation.item.truncated', { item_id, content_index, audio_end_ms });
    } else {
      conversation.delete(event.item_id);
      emit('conversation.item.deleted', { item_id: event.item_id });
    }
  }

  #update(value: unknown): void {
    const before = this.#config;
    this.#config = updateSessionConfig(before, value);
    const { inputFormat, turnDetection } = this.#config;
    if (inputFormat !== before.inputFormat)
      this.#buffer = createInputBuffer(RATES_HZ[inputFormat], this.#buffer.endMs());
    if (inputFormat !== before.inputFormat || turnDetection !== before.turnDetection) {
      this.#turn = null;
      this.#detector = this.#createDetector();
    }
    this.#context.emit('session.updated', { session: this.#describe() });
  }

  #append(audio: string, causeId: string | null): void {
    const samples = decodeAudio(audio, this.#config.inputFormat);
    this.#buffer.append(samples);
    for (const event of this.#detector?.feed(samples) ?? []) this.#followTurn(event, causeId);
    if (this.#detector && !this.#detector.isSpeaking())
      this.#buffer.trim((this.#config.turnDetection?.prefix_padding_ms ?? 0) + SHORTEST_COMMIT_MS);
    if (this.#buffer.lengthMs() <= LONGEST_BUFFER_MS) return;
    this.#buffer.trim(0);
    throw createBadRequest(
      'The input audio buffer was too long and has been cleared.',
      'audio',
      'input_audio_too_long',
    );
  }

  #followTurn(event: TurnEvent, causeId: string | null): void {
    const { emit, createId } = this.#context;
    if (event.kind === 'started') {
      const itemId = createId('item');
      this.#turn = { itemId, startMs: event.atMs };
      emit('input_audio_buffer.speech_started', { audio_start_ms: Math.round(event.atMs), item_id: itemId });
      if (this.#config.turnDetection?.interrupt_response) this.#responder.cancel(null, 'turn_detected');
      return;
    }
    const turn = this.#turn ?? { itemId: createId('item'), startMs: 0 };
    this.#turn = null;
    emit('input_audio_buffer.speech_stopped', { audio_end_ms: Math.round(event.atMs), item_id: turn.itemId });
    this.#commit(turn.itemId, this.#buffer.take(turn.startMs, event.atMs), causeId);
    if (this.#config.type !== 'realtime' || !this.#config.turnDetection?.create_response) return;
    try {
      this.#responder.create(AUTOMATIC_RESPONSE, causeId);
    } catch (error) {
      this.#context.emitError(error, causeId);
    }
  }

  #commitAll(causeId: string | null): void {
    const lengthMs = this.#buffer.lengthMs();
    if (lengthMs < SHORTEST_COMMIT_MS)
      throw createBadRequest(
        `Error committing input audio buffer: buffer too small. Expected at least ${SHORTEST_COMMIT_MS}ms of audio, but buffer only has ${lengthMs.toFixed(2)}ms of audio.`,
        null,
        'input_audio_buffer_commit_empty',
      );
    const itemId = this.#turn?.itemId ?? this.#context.createId('item');
    this.#turn = null;
    this.#commit(itemId, this.#buffer.take(0, this.#buffer.endMs()), causeId);
    this.#detector = this.#createDetector();
  }

  #commit(itemId: string, samples: Int16Array, causeId: string | null): void {
    const { conversation, emit } = this.#context;
    const { inputFormat } = this.#config;
    const audioMs = (samples.length * 1_000) / RATES_HZ[inputFormat];
    const text = demodulate(toLineSamples(samples, inputFormat), { voice: 'caller' }).text.trim();
    const item = createAudioItem(itemId, text, audioMs);
    const previous = conversation.add(item);
    emit('input_audio_buffer.committed', { previous_item_id: previous, item_id: itemId });
    emit('conversation.item.added', { previous_item_id: previous, item: item.wire });
    emit('conversation.item.done', { previous_item_id: previous, item: item.wire });
    this.#run(transcribe(this.#context, { itemId, text, audioMs }, causeId));
  }

  #clear(): void {
    this.#buffer.trim(0);
    this.#turn = null;
    this.#detector = this.#createDetector();
    this.#context.emit('input_audio_buffer.cleared', {});
  }

  #cancel(id: string | null): void {
    if (this.#responder.cancel(id, 'client_cancelled')) return;
    const message = 'Cancellation failed: no active response found';
    throw createBadRequest(message, null, 'response_cancel_not_active');
  }

  #needConversation(): void {
    if (this.#config.type === 'realtime') return;
    throw createBadRequest('This event is not supported in a transcription session.', 'type', 'invalid_value');
  }

  #createDetector(): TurnDetector | null {
    const { turnDetection, inputFormat } = this.#config;
    if (!turnDetection) return null;
    const { threshold, prefix_padding_ms: prefixPaddingMs, silence_duration_ms: silenceDurationMs } = turnDetection;
    const settings = { threshold, prefixPaddingMs, silenceDurationMs };
    return createTurnDetector(RATES_HZ[inputFormat], settings, this.#buffer.endMs());
  }

  #describe() {
    return describeSession(this.#config, this.#id, this.#expiresAt);
  }

  #run(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (!this.#ending.signal.aborted) this.#context.emitError(error, null);
    });
  }
}
