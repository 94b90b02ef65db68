import type { Clock } from '../../line/clock.ts';
import type { XmlElement } from './twiml-grammar.ts';

/** A form that Twilio sends to the bot; the adapter signs it. */
export type FormRequest = {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly params: Readonly<Record<string, string>>;
  /** Same for the retry of a request: the bot may recognise it. */
  readonly idempotencyToken: string;
  /** Of the answer's body; 64 KiB, Twilio's limit, when left out. */
  readonly mostBytes?: number;
  /** Aborted: the request is given up and rejects with the signal's reason. */
  readonly signal: AbortSignal;
};

/** What the bot answered. */
export type FormAnswer = { readonly status: number; readonly contentType: string; readonly body: Uint8Array };

/** Sends a form. Resolves with whatever status. @throws TwilioFault 11205 when no answer came, 11750 when it was too large, 11100 for an address that is none. */
export type SendForm = (request: FormRequest) => Promise<FormAnswer>;

/** An open media stream; `close` says goodbye with code 1000, `destroy` does not say goodbye (the bot sees 1006). */
export type MediaSocket = { send(text: string): void; close(): void; destroy(): void };

/** What the other side does. `code` 1006: it went away without a close frame. */
export type MediaSocketEvents = {
  onMessage(data: string | Uint8Array): void;
  onClose(code: number): void;
};

/**
 * Dials the bot's media address with a signed upgrade. `url` is what the document says and what is signed.
 * @throws TwilioFault 31901, 31902, 31910, 31920.
 */
export type OpenMediaSocket = (url: string, events: MediaSocketEvents, signal: AbortSignal) => Promise<MediaSocket>;

/** A turn of the trace by its `voice.turn.index`; the greeting, 0, is none. */
export type TracedTurn = { readonly index: number; readonly transcribed: string | null };

/** What the viewer knows of the call after its end; null where it knows nothing. */
export type CallFacts = {
  readonly traceId: string | null;
  readonly outcome: string | null;
  /** In the order of their indices. */
  readonly turns: readonly TracedTurn[];
};

/** Reads back what others kept of the call. Each resolves with null when its service is not there. Never rejects. */
export type LookUps = {
  findCall(callSid: string): Promise<CallFacts | null>;
  findRecord(callSid: string, isExpected: boolean): Promise<unknown>;
};

/** All that the simulated line needs from outside. */
export type LineDeps = {
  readonly clock: Clock;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  readonly today: () => Date;
  readonly accountSid: string;
  readonly sendForm: SendForm;
  readonly openMediaSocket: OpenMediaSocket;
  /** @throws TwilioFault 12100. */
  readonly parseXml: (text: string) => XmlElement;
  readonly lookUps: LookUps;
};
