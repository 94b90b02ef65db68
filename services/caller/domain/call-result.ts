import type { CallStatus } from './call-parameters.ts';
import type { FaultReport } from './faults/report.ts';
import type { Lateness } from './ticker.ts';
import type { TurnResult } from './turn-result.ts';

/** Who ended the call: the bot (its TwiML came to an end, `<Hangup/>`, or REST), the caller, or Twilio because something failed. */
export type CallEnd = {
  readonly by: 'bot' | 'caller' | 'twilio';
  readonly errorCode?: number;
  readonly closeCode?: number;
  /** The bot had passed the caller on (`<Dial>`): the rest was not its own. */
  readonly isTransferred?: true;
};

/** Something that Twilio would have shown as a warning or error of this call. `code` 0: a note of the simulation itself. */
type CallWarning = { readonly code: number; readonly message: string };

/** A call, from its end. Durations in milliseconds of the line's clock. */
export type CallResult = {
  readonly callSid: string;
  readonly streamSid: string | null;
  readonly traceId: string | null;
  readonly outcome: string | null;
  readonly end: CallEnd;
  readonly durationMs: number;
  /** What was heard before the caller first spoke; null: sound without words of the modem, as real speech is. */
  readonly greeting: string | null;
  /** How long sound was heard before the caller first spoke. */
  readonly greetingSpokeMs: number;
  readonly turns: readonly TurnResult[];
  /** The saved record as the records service gives it, or null. */
  readonly record: unknown;
  readonly warnings: readonly CallWarning[];
  readonly senderLatenessMs: Lateness;
  /** What was wrong with the line on purpose, in the order in which it was asked for. */
  readonly faults: readonly FaultReport[];
  /** What the faults' plan was made from; null without faults. */
  readonly seed: number | null;
};

/** What happens while a call goes on, in order. */
export type CallEvent =
  | { readonly type: 'ringing'; readonly callSid: string; readonly from: string; readonly to: string }
  | { readonly type: 'streaming'; readonly streamSid: string }
  | { readonly type: 'caller'; readonly text: string }
  | { readonly type: 'bot'; readonly text: string; readonly waitMs: number | null }
  | { readonly type: 'dtmf'; readonly digit: string }
  | { readonly type: 'warning'; readonly code: number; readonly message: string }
  | {
      readonly type: 'ended';
      readonly end: CallEnd;
      readonly message: string | null;
      /** As the status callback tells it. */
      readonly status: CallStatus;
      readonly durationMs: number;
    };
