import type { RawData, WebSocket } from 'ws';
import { sentText } from './sent-text.ts';

/** What happens to a message that the bot sends: sent as it is, or instead of it these texts, the last with the bot's own callback. */
export type Sending = { readonly replaceBy?: readonly string[]; readonly followBy?: string };

/** Sees what passes a socket. Nothing that it throws reaches the bot. */
export type SocketWatcher = {
  /** Before the bot's listeners; true swallows the message. */
  before(data: RawData, isBinary: boolean): boolean;
  /** A pong came; true swallows it. */
  ponged(data: Buffer): boolean;
  /** After the bot's listeners. */
  after(data: RawData, isBinary: boolean): void;
  /** Before the bot's text is sent. */
  sending(text: string): Sending | undefined;
  closed(code: number): void;
  failed(error: unknown): void;
};

type Send = (data: string, ...rest: unknown[]) => void;

/** The way back to an untouched socket. */
export type SocketSeam = {
  /** Asks the other end for a pong with this text. */
  ping(text: string): void;
  /** Stops watching what is sent and heard; messages can still be swallowed until `release`. */
  close(): void;
  /** The socket is as it was. */
  release(): void;
};

/** Puts `watcher` between a socket and its bot: `send` and `emit` are wrapped on this one object, and restored. */
export function watchSocket(socket: WebSocket, watcher: SocketWatcher): SocketSeam {
  const bare = { send: socket.send.bind(socket) as Send, emit: socket.emit };
  const owned = { send: Object.hasOwn(socket, 'send'), emit: Object.hasOwn(socket, 'emit') };
  const originals = { send: socket.send, emit: socket.emit };
  let isOpen = true;
  const apply = (method: (...values: never[]) => unknown, values: ArrayLike<unknown>): unknown =>
    Reflect.apply(method, socket, values);

  const send = function send(this: WebSocket, data: unknown, ...rest: unknown[]): unknown {
    const text = isOpen && socket.readyState === socket.OPEN ? sentText(data, rest[0]) : undefined;
    let sending: Sending | undefined;
    try {
      if (text !== undefined) sending = watcher.sending(text);
    } catch (error) {
      watcher.failed(error);
    }
    if (sending === undefined) {
      return rest.length === 0
        ? (originals.send as Send).call(socket, data as string)
        : apply(originals.send, [data, ...rest]);
    }
    const { replaceBy = [], followBy } = sending;
    for (const piece of replaceBy.slice(0, -1)) bare.send(piece);
    const result = apply(originals.send, [replaceBy.at(-1) ?? data, ...rest]);
    if (followBy !== undefined) bare.send(followBy);
    return result;
  };
  const emit = function emit(this: WebSocket, event: string | symbol, given?: unknown, flag?: unknown): boolean {
    // Frames come here, fifty a second: nothing is made for them, not even a list of the arguments.
    // biome-ignore lint/complexity/noArguments: their number must reach the listeners as it was
    const values = arguments;
    const data = event === 'message' ? rawData(given) : undefined;
    if (data !== undefined) return message(values, data, flag === true);
    if (event === 'pong' && ponged(given as Buffer)) return true;
    return apply(originals.emit, values) as boolean;
  };
  const ponged = (data: Buffer) => guard(watcher, () => watcher.ponged(data)) ?? false;
  const message = (values: ArrayLike<unknown>, data: RawData, isBinary: boolean): boolean => {
    try {
      if (watcher.before(data, isBinary)) return true;
    } catch (error) {
      watcher.failed(error);
    }
    try {
      return apply(originals.emit, values) as boolean;
    } finally {
      try {
        if (isOpen) watcher.after(data, isBinary);
      } catch (error) {
        watcher.failed(error);
      }
    }
  };
  const onClose = (code: number) => void guard(watcher, () => watcher.closed(code));

  Object.assign(socket, { send, emit });
  socket.on('close', onClose);
  return {
    ping: (text) => {
      if (socket.readyState === socket.OPEN) socket.ping(text);
    },
    close() {
      isOpen = false;
      restore(socket, 'send', { mine: send, original: originals.send, wasOwned: owned.send });
    },
    release() {
      socket.off('close', onClose);
      restore(socket, 'emit', { mine: emit, original: originals.emit, wasOwned: owned.emit });
    },
  };
}

/** What a message holds, as ws 8 gives it: ws 7 gives text as a string, and says of none whether it is binary. */
function rawData(given: unknown): RawData | undefined {
  if (typeof given === 'string') return Buffer.from(given);
  const isRaw = given instanceof Uint8Array || given instanceof ArrayBuffer || Array.isArray(given);
  return isRaw ? (given as RawData) : undefined;
}

function guard<T>(watcher: SocketWatcher, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    watcher.failed(error);
    return undefined;
  }
}

/** Somebody who wrapped the socket after us keeps their wrapper: ours then only passes on. */
function restore(
  socket: WebSocket,
  name: 'send' | 'emit',
  { mine, original, wasOwned }: { readonly mine: unknown; readonly original: unknown; readonly wasOwned: boolean },
): void {
  if (socket[name] !== mine) return;
  if (wasOwned) Object.assign(socket, { [name]: original });
  else Reflect.deleteProperty(socket, name);
}
