import { context } from '@opentelemetry/api';
import type { WebSocket } from 'ws';
import { holderOf, withHolder } from './call-streams.ts';
import { noteCallerFinished, placeClientSocket, traceRealtime } from './realtime-sockets.ts';
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
  const place = placeClientSocket(watch, socket.url);
  if (!place) return;
  const scope = scopeSocket(socket);
  scope.contextOf = place.contextOf;
  if (!place.isRealtime) return;
  scope.sight = (event, [data]) => {
    if (event === 'message') watch.guard(() => noteCallerFinished(place, data));
    return false;
  };
  traceRealtime(watch, socket, place);
}
