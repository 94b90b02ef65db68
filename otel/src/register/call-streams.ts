import { type Context, createContextKey } from '@opentelemetry/api';
import { callRefOf } from '../call/call-context.ts';
import type { EosSource } from '../conventions/index.ts';

/** A media stream that is watched: what other parts of the process need of it. */
export type CallStream = {
  /** The context in which the bot's code runs now: of the turn that is going on, or of the call. */
  context(): Context;
  /** Whether that turn is still open. */
  hasOpenTurn(index: number): boolean;
  /** A provider's ear says that the caller has finished. */
  callerFinished(source: EosSource): void;
  /** The app traces this call itself: what was inferred of it is forgotten. */
  handOver(): void;
  /** The process ends: the call ends now. */
  shutdown(): void;
};

/**
 * The media streams whose calls have not ended. A call may have several, one after the other: the newest is the one in
 * which its bot works, while an older one may still be wrapping up.
 */
export class CallStreams {
  readonly #all = new Set<CallStream>();
  readonly #newest = new Map<string, CallStream>();

  add(callSid: string, stream: CallStream): void {
    this.#all.add(stream);
    this.#newest.set(callSid, stream);
  }

  /** Forgets this one; a newer one of the same call stays. */
  remove(callSid: string, stream: CallStream): void {
    this.#all.delete(stream);
    if (this.#newest.get(callSid) === stream) this.#newest.delete(callSid);
  }

  /** The newest of a call. */
  get(callSid: string): CallStream | undefined {
    return this.#newest.get(callSid);
  }

  /** All of them, as they are now. */
  all(): CallStream[] {
    return [...this.#all];
  }
}

/** A server's socket, of which it is not known at first whether it is a media stream. */
export type SocketHolder = { stream?: CallStream };

const HOLDER_KEY = createContextKey('callspan socket');

/** `context` for the code that a server runs for one socket, also before its stream has started. */
export function withHolder(context: Context, holder: SocketHolder): Context {
  return context.setValue(HOLDER_KEY, holder);
}

/** The socket in whose code `context` arose. */
export function holderOf(context: Context): SocketHolder | undefined {
  return context.getValue(HOLDER_KEY) as SocketHolder | undefined;
}

/** The media stream in whose code `context` arose, when it is open. */
export function streamOf(streams: CallStreams, context: Context): CallStream | undefined {
  return streams.get(callRefOf(context)?.callSid ?? '') ?? holderOf(context)?.stream;
}

/**
 * Where work belongs that is begun in `context`: there, unless it arose before the call, or in a turn that is over (a loop
 * that was started with the stream); then to the turn that is going on.
 */
export function placeOfWork(streams: CallStreams, context: Context): Context {
  const stream = streamOf(streams, context);
  const turnIndex = callRefOf(context)?.turnIndex;
  if (!stream || (turnIndex !== undefined && stream.hasOpenTurn(turnIndex))) return context;
  return stream.context();
}
