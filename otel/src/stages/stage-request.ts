import type { SpanRequest } from '../call/call-span.ts';

/**
 * A call and one of its turns, for code that knows them by id. Without `turnIndex`: the call itself. Of a call that is
 * not traced here (it has ended, or is another process's) the span still carries the ids, below what is active.
 */
export type StagePlace = { readonly callSid: string; readonly turnIndex?: number | undefined };

/** One execution to measure. */
export type MeasuredStage = SpanRequest & {
  /** Default: the call and turn of the active context; outside of every call a span that belongs to none. */
  readonly at?: StagePlace;
  /** The work asks a model: the traced fetch and the traced sockets inside it write on its span. */
  readonly asksModel?: boolean;
};

/** What to measure, or how to tell it from the arguments of the measured function. */
export type StageRequest<A extends readonly unknown[] = never[]> = MeasuredStage | ((...args: A) => MeasuredStage);
