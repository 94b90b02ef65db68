import { context, trace } from '@opentelemetry/api';
import type { WebSocket } from 'ws';
import { traceRealtimeSocket } from '../model/realtime-socket.ts';
import { holderOf, streamOf, withHolder } from './call-streams.ts';
import { isRealtimeUrl, isTranscriptionUrl } from './model-urls.ts';
import { scopeSocket } from './socket-scope.ts';
import { watchServerSocket } from './watch-media-stream.ts';
import type { MediaStreamWatch } from './watched-stream.ts';

type Method<T> = (this: T, ...parameters: unknown[]) => unknown;
type SocketClass = { readonly prototype?: { setSocket?: Method<WebSocket> }; readonly Server?: ServerClass };
type ServerClass = { readonly prototype?: { completeUpgrade?: Method<unknown> } };
type WsExports = {
  readonly WebSocket?: SocketClass;
  readonly WebSocketServer?: ServerClass;
  readonly default?: SocketClass;
};

const done = new WeakSet<object>();
/** The ear of a Realtime API has heard the end of what the caller said; its events begin with their type or an id. */
const CALLER_FINISHED = '"input_audio_buffer.speech_stopped"';
const EVENT_HEAD = 300;

/**
 * Watches every socket of a loaded ws package from the moment at which it is connected: a server's may be a media stream of
 * Twilio, a client's may belong to the call in whose code it was opened.
 */
export function watchWebSockets(watch: MediaStreamWatch, moduleExports: unknown): void {
  const { WebSocket: named, WebSocketServer, default: fallback } = moduleExports as WsExports;
  const found = named ?? fallback ?? (moduleExports as SocketClass);
  wrapOnce(found.prototype, 'setSocket', (socket: WebSocket, setSocket) => {
    watch.guard(() => {
      if ((socket as { _isServer?: boolean })._isServer) {
        watchServerSocket(watch, socket, holderOf(context.active()) ?? {});
      } else watchClientSocket(watch, socket);
    });
    return setSocket();
  });
  // What a server does when a socket connects, it may do for a call that starts a moment later.
  wrapOnce((WebSocketServer ?? found.Server)?.prototype, 'completeUpgrade', (_server, completeUpgrade) =>
    context.with(withHolder(context.active(), {}), completeUpgrade),
  );
}

function wrapOnce<K extends string, T>(
  prototype: { [key in K]?: Method<T> } | undefined,
  name: K,
  around: (self: T, original: () => unknown) => unknown,
): void {
  const original = prototype?.[name];
  if (!prototype || typeof original !== 'function' || done.has(prototype)) return;
  done.add(prototype);
  const wrapped: Method<T> = function (...parameters) {
    return around(this, () => Reflect.apply(original, this, parameters));
  };
  Object.assign(prototype, { [name]: wrapped });
}

/** Listeners of a socket that a call's code opened run in the turn that is going on; a Realtime socket is traced. */
function watchClientSocket(watch: MediaStreamWatch, socket: WebSocket): void {
  // The span in which it was opened is over by the time a message comes.
  const opening = trace.deleteSpan(context.active());
  const streamNow = () => streamOf(watch.streams, opening);
  const isRealtime = isRealtimeUrl(socket.url);
  if (!isRealtime && !streamNow() && !holderOf(opening)) return;
  const contextOf = () => streamNow()?.context() ?? opening;
  const scope = scopeSocket(socket);
  scope.contextOf = contextOf;
  if (!isRealtime) return;
  scope.sight = (event, [data]) => {
    if (event === 'message' && Buffer.isBuffer(data) && data.subarray(0, EVENT_HEAD).includes(CALLER_FINISHED)) {
      watch.guard(() => streamNow()?.callerFinished('provider_vad'));
    }
    return false;
  };
  const purpose = isTranscriptionUrl(socket.url) ? 'transcription' : 'conversation';
  traceRealtimeSocket(watch.callspan, undefined, socket, { provider: 'openai', purpose, contextOf });
}
