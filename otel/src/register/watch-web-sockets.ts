import { context, trace } from '@opentelemetry/api';
import type { WebSocket } from 'ws';
import { callRefOf } from '../call/call-context.ts';
import { traceRealtimeSocket } from '../model/realtime-socket.ts';
import { isRealtimeUrl, isTranscriptionUrl } from './model-urls.ts';
import { scopeSocket } from './socket-scope.ts';
import { watchServerSocket } from './watch-media-stream.ts';
import type { MediaStreamWatch } from './watched-stream.ts';

type SetSocket = (this: WebSocket, ...parameters: unknown[]) => unknown;
type WebSocketClass = { readonly prototype?: { setSocket?: SetSocket } };

const done = new WeakSet<object>();
/** The ear of a Realtime API has heard the end of what the caller said; its events begin with their type or an id. */
const CALLER_FINISHED = '"input_audio_buffer.speech_stopped"';
const EVENT_HEAD = 300;

/**
 * Watches every socket of a loaded ws package from the moment at which it is connected: a server's may be a media stream of
 * Twilio, a client's may belong to the call in whose code it was opened.
 */
export function watchWebSockets(watch: MediaStreamWatch, moduleExports: unknown): void {
  const { WebSocket: named, default: fallback } = moduleExports as Record<string, WebSocketClass | undefined>;
  const found = named ?? fallback ?? (moduleExports as WebSocketClass);
  const prototype = found.prototype;
  const setSocket = prototype?.setSocket;
  if (!prototype || typeof setSocket !== 'function' || done.has(prototype)) return;
  done.add(prototype);
  prototype.setSocket = function (this: WebSocket, ...parameters: unknown[]): unknown {
    watch.guard(() => {
      if ((this as { _isServer?: boolean })._isServer) watchServerSocket(watch, this);
      else watchClientSocket(watch, this);
    });
    return Reflect.apply(setSocket, this, parameters);
  };
}

/** Listeners of a socket that a call's code opened run in the turn that is going on; a Realtime socket is traced. */
function watchClientSocket(watch: MediaStreamWatch, socket: WebSocket): void {
  const callSid = callRefOf(context.active())?.callSid;
  const streamNow = () => (callSid === undefined ? undefined : watch.streams.get(callSid));
  const isRealtime = isRealtimeUrl(socket.url);
  if (!isRealtime && !streamNow()) return;
  // The context in which it was opened has a span that is over by the time a message comes.
  const opening = trace.deleteSpan(context.active());
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
