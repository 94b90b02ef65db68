import type { Context } from '@opentelemetry/api';
import type { EosSource } from '../conventions/index.ts';

/** A media stream that is watched: what other parts of the process need of it. */
export type CallStream = {
  /** The context in which the bot's code runs now: of the turn that is going on, or of the call. */
  context(): Context;
  /** A provider's ear says that the caller has finished. */
  callerFinished(source: EosSource): void;
  /** The process ends: the call ends now. */
  shutdown(): void;
};

/** The media streams that are open, by call. */
export type CallStreams = Map<string, CallStream>;
