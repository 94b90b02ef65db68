import type { RealtimeClientEvent, RealtimeServerEvent, SessionUpdateEvent } from 'openai/resources/realtime/realtime';
import type { RawData, WebSocket } from 'ws';
import type { Clock } from '../../../line/clock.ts';
import { ProviderError } from '../../domain/errors.ts';
import type { Connect } from './connect.ts';
import { toProviderError, toSocketError } from './failures.ts';

/** Until the handshake, and from there until the settings are confirmed; milliseconds of the clock. */
const HANDSHAKE_TIMEOUT_MS = 2000;
const SETUP_TIMEOUT_MS = 1500;
const NORMAL_CLOSURE = 1000;

/** Hears what a session's server says; called in order. */
export type SessionListener = {
  event(event: RealtimeServerEvent): void;
  /** The session is over, once; nothing comes after it. */
  broken(error: ProviderError): void;
};

/** A session that has its settings. */
export type RealtimeSession = {
  readonly isOpen: boolean;
  /** Dropped when the session is over. */
  send(event: RealtimeClientEvent): void;
  listen(listener: SessionListener): void;
  /** Breaks the connection off: it does not answer any more. */
  fail(error: ProviderError): void;
  close(): void;
};

/** How to open a session, and with which settings. */
export type SessionOptions = {
  readonly url: string;
  readonly apiKey: string;
  readonly connect: Connect;
  readonly clock: Clock;
  readonly settings: SessionUpdateEvent['session'];
};

/** Opens a socket of a call and sends the settings. @throws ProviderError when it is refused, breaks or does not answer in time */
export async function openSession(options: SessionOptions, callSid: string): Promise<RealtimeSession> {
  const headers = { authorization: `Bearer ${options.apiKey}` };
  let socket: WebSocket;
  try {
    socket = options.connect(options.url, headers, callSid);
  } catch (error) {
    throw toSocketError(error);
  }
  const session = new SocketSession(socket);
  const ready = Promise.withResolvers<void>();
  session.listen({
    event(event) {
      if (event.type === 'session.updated') ready.resolve();
      if (event.type === 'error') ready.reject(toProviderError(event.error));
    },
    broken: ready.reject,
  });
  const late = (what: string) => () => session.fail(new ProviderError('timeout', `no ${what} in time`));
  let cancel = options.clock.after(HANDSHAKE_TIMEOUT_MS, late('handshake'));
  socket.on('open', () => {
    cancel();
    cancel = options.clock.after(SETUP_TIMEOUT_MS, late('session'));
    session.send({ type: 'session.update', session: options.settings });
  });
  try {
    await ready.promise;
  } catch (error) {
    session.close();
    throw error;
  } finally {
    cancel();
  }
  return session;
}

class SocketSession implements RealtimeSession {
  readonly #socket: WebSocket;
  readonly #listeners: SessionListener[] = [];
  #failure: ProviderError | undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    // First of all listeners: an error event that nobody hears ends the process.
    socket.on('error', (error) => this.fail(toSocketError(error)));
    socket.on('message', (data) => this.#receive(data));
    socket.on('close', (code) => this.#end(new ProviderError('websocket', `closed with ${code}`)));
  }

  get isOpen(): boolean {
    return !this.#failure;
  }

  send(event: RealtimeClientEvent): void {
    if (this.#failure || this.#socket.readyState !== this.#socket.OPEN) return;
    // A failure to send is an error event of the socket as well.
    this.#socket.send(JSON.stringify(event), () => undefined);
  }

  listen(listener: SessionListener): void {
    if (this.#failure) listener.broken(this.#failure);
    else this.#listeners.push(listener);
  }

  fail(error: ProviderError): void {
    this.#end(error);
    this.#socket.terminate();
  }

  close(): void {
    this.#end(new ProviderError('cancelled', 'the session was closed'));
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.close(NORMAL_CLOSURE);
    else this.#socket.terminate();
  }

  #receive(data: RawData): void {
    if (this.#failure) return;
    try {
      const event = parseEvent(String(data));
      for (const listener of this.#listeners) listener.event(event);
    } catch (error) {
      // Also an event without the fields of its type.
      this.fail(new ProviderError('parsing', 'the server sent what is no event', error));
    }
  }

  #end(error: ProviderError): void {
    if (this.#failure) return;
    this.#failure = error;
    for (const listener of this.#listeners) listener.broken(error);
  }
}

/** @throws SyntaxError, TypeError */
function parseEvent(text: string): RealtimeServerEvent {
  const event: unknown = JSON.parse(text);
  if (typeof event === 'object' && event !== null && 'type' in event && typeof event.type === 'string')
    return event as RealtimeServerEvent;
  throw new TypeError('an event is an object with a type');
}
