import type { RawData, WebSocket } from 'ws';
import type { SocketHolder } from './call-streams.ts';
import { scopeSocket } from './socket-scope.ts';
import { readControl, readStart } from './stream-messages.ts';
import { type MediaStreamWatch, WatchedStream } from './watched-stream.ts';

/** Watches a server's socket; one that turns out to be no media stream of Twilio is left as it was. */
export function watchServerSocket(watch: MediaStreamWatch, socket: WebSocket, holder: SocketHolder): void {
  const scope = scopeSocket(socket);
  scope.sight = (event, values) => {
    if (event === 'close') scope.release();
    if (event !== 'message') return false;
    if (watch.appCalls.areTraced) {
      scope.release();
      return false;
    }
    const [data, isBinary] = values;
    const message = watch.guard(() => readControl(data as RawData, isBinary));
    if (message?.event === 'connected') return false;
    scope.sight = undefined;
    const start = message ? readStart(message) : undefined;
    if (!start) {
      scope.release();
      return false;
    }
    // The tap adds a listener, and the message at which it is attached is not for it.
    const listeners = socket.rawListeners('message');
    const stream = watch.guard(() => new WatchedStream(watch, { socket, holder, scope, start }));
    if (!stream) return false;
    stream.run(() => {
      for (const listener of listeners) Reflect.apply(listener, socket, values);
    });
    return true;
  };
}
