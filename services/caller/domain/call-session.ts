import type { CallParties } from './call-parameters.ts';
import type { CallEvent } from './call-result.ts';
import type { CallerLine } from './caller-line.ts';
import type { TwilioFault } from './fault.ts';
import type { LineDeps } from './ports.ts';

/** What the line does with the caller's 160 bytes of a tick, and what it plays back. */
type Exchange = (frame: Uint8Array) => Uint8Array | undefined;

/** One call while it goes on: what the verbs of its TwiML share. */
export type CallSession = {
  readonly deps: LineDeps;
  readonly parties: CallParties;
  readonly line: CallerLine;
  /** Aborted when the call ends, whoever ends it. */
  readonly signal: AbortSignal;
  /** Who is connected to the line now; null: nobody. */
  connected: { readonly exchange: Exchange; readonly dtmf?: (digit: string) => void } | null;
  /** Keys the caller has pressed so far. */
  digits: string;
  streamSid: string | null;
  closeCode: number | null;
  /** What went wrong with a media stream; the TwiML went on after it. */
  streamFault: TwilioFault | null;
  /** Callbacks on their way, awaited when the call has ended. */
  readonly pending: Promise<void>[];
  emit(event: CallEvent): void;
};

/** Reports something that Twilio would show among the warnings of the call; code 0 is a note of the simulation. */
export function warn(session: CallSession, code: number, message: string): void {
  session.emit({ type: 'warning', code, message });
}
