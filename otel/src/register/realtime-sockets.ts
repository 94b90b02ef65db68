import { EventEmitter } from 'node:events';
import { type Context, context, trace } from '@opentelemetry/api';
import { isRealtimeTraced, type RealtimeSocket, traceRealtimeSocket } from '../model/realtime-socket.ts';
import { type CallStream, holderOf, streamOf } from './call-streams.ts';
import { isRealtimeUrl, isTranscriptionUrl } from './model-urls.ts';
import type { MediaStreamWatch } from './watched-stream.ts';

/** The ear of a Realtime API has heard the end of what the caller said; its events begin with their type or an id. */
const CALLER_FINISHED = '"input_audio_buffer.speech_stopped"';
const EVENT_HEAD = 300;

/** A client's socket: whose call it is for, and in which context its listeners run. */
export type ClientSocketPlace = {
  readonly isRealtime: boolean;
  streamNow(): CallStream | undefined;
  contextOf(): Context;
};

/** Undefined for a socket that has nothing to do with calls or models. */
export function placeClientSocket(watch: MediaStreamWatch, url: string | undefined): ClientSocketPlace | undefined {
  // The span in which it was opened is over by the time a message comes.
  const opening = trace.deleteSpan(context.active());
  const streamNow = () => streamOf(watch.streams, opening);
  const isRealtime = isRealtimeUrl(url);
  if (!isRealtime && !streamNow() && !holderOf(opening)) return undefined;
  return { isRealtime, streamNow, contextOf: () => streamNow()?.context() ?? opening };
}

/** Traces what a Realtime socket says and hears, in the turn that is going on. */
export function traceRealtime(
  watch: MediaStreamWatch,
  socket: RealtimeSocket,
  { contextOf }: Pick<ClientSocketPlace, 'contextOf'>,
): void {
  if (isRealtimeTraced(socket)) return;
  const purpose = isTranscriptionUrl(socket.url) ? 'transcription' : 'conversation';
  traceRealtimeSocket(watch.callspan, undefined, socket, { provider: 'openai', purpose, contextOf });
}

/** Tells the turn that the provider's ear has heard its end, when a message says so. */
export function noteCallerFinished({ streamNow }: Pick<ClientSocketPlace, 'streamNow'>, data: unknown): void {
  const head = typeof data === 'string' ? data.slice(0, EVENT_HEAD) : data;
  const isText = typeof head === 'string' || Buffer.isBuffer(head);
  if (isText && head.slice(0, EVENT_HEAD).includes(CALLER_FINISHED)) streamNow()?.callerFinished('provider_vad');
}

type GlobalSocket = InstanceType<typeof globalThis.WebSocket>;

/**
 * The same for sockets of the platform's own `WebSocket`, which the openai package's Realtime helper for browsers uses. The
 * class is loaded when the app first asks for it, as without the kit.
 */
export function watchGlobalWebSocket(watch: MediaStreamWatch): void {
  const bare = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket');
  if (!bare?.configurable) return;
  const define = (value: unknown) =>
    Object.defineProperty(globalThis, 'WebSocket', { configurable: true, enumerable: false, writable: true, value });
  Object.defineProperty(globalThis, 'WebSocket', {
    configurable: true,
    enumerable: bare.enumerable ?? false,
    get() {
      Object.defineProperty(globalThis, 'WebSocket', bare);
      const watched = watchClass(watch, globalThis.WebSocket);
      define(watched);
      return watched;
    },
    set: define,
  });
}

type SocketClass = typeof globalThis.WebSocket;

function watchClass(watch: MediaStreamWatch, bare: SocketClass): SocketClass {
  const watched: SocketClass = new Proxy(bare, {
    construct(target, parameters: ConstructorParameters<SocketClass>, newTarget) {
      const socket = Reflect.construct(target, parameters, newTarget === watched ? target : newTarget) as GlobalSocket;
      watch.guard(() => watchClient(watch, socket));
      return socket;
    },
  });
  return watched;
}

function watchClient(watch: MediaStreamWatch, socket: GlobalSocket): void {
  const place = placeClientSocket(watch, socket.url);
  if (!place) return;
  const { dispatchEvent } = socket;
  const inTurn = (event: Event) => context.with(place.contextOf(), () => dispatchEvent.call(socket, event));
  Object.assign(socket, { dispatchEvent: inTurn });
  if (!place.isRealtime) return;
  const send = socket.send.bind(socket);
  const mirror: RealtimeSocket = Object.assign(new EventEmitter(), { url: socket.url, send });
  traceRealtime(watch, mirror, place);
  Object.assign(socket, { send: (...parameters: never[]) => mirror.send(...parameters) });
  socket.addEventListener('message', ({ data }) => {
    watch.guard(() => noteCallerFinished(place, data));
    watch.guard(() => mirror.emit('message', data, typeof data !== 'string'));
  });
  socket.addEventListener('close', ({ code }) => watch.guard(() => mirror.emit('close', code)));
}
