import { type Context, context } from '@opentelemetry/api';
import type { WebSocket } from 'ws';

type Emit = (event: string | symbol, ...values: unknown[]) => boolean;

/** Sees an event of a socket before its listeners; true when it has called them itself. */
export type EventSight = (event: string | symbol, values: readonly unknown[]) => boolean;

/** The socket's events as they were. */
export type SocketScope = {
  /** The listeners run in this context from now on; undefined: in whichever they are called. */
  contextOf: (() => Context) | undefined;
  sight: EventSight | undefined;
  /** Ends the watching, unless somebody has wrapped the socket since. */
  release(): void;
};

/**
 * Runs every listener of a socket, whenever it was added, in a context that may be another one at each event. Only this
 * one object is changed.
 */
export function scopeSocket(socket: WebSocket): SocketScope {
  const bare = socket.emit as Emit;
  const emit: Emit = (event, ...values) => {
    const { contextOf, sight } = scope;
    if (sight?.(event, values)) return true;
    const emitNow = () => Reflect.apply(bare, socket, [event, ...values]) as boolean;
    return contextOf ? context.with(contextOf(), emitNow) : emitNow();
  };
  const scope: SocketScope = {
    contextOf: undefined,
    sight: undefined,
    release() {
      scope.sight = undefined;
      scope.contextOf = undefined;
      if ((socket.emit as Emit) === emit) Reflect.deleteProperty(socket, 'emit');
    },
  };
  Object.assign(socket, { emit });
  return scope;
}
