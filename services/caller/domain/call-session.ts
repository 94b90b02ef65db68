import type { CallParties } from './call-parameters.ts';
import type { CallEnd, CallEvent } from './call-result.ts';
import type { CallerLine } from './caller-line.ts';
import type { TwilioFault } from './fault.ts';
import type { LineFaults } from './faults/line-faults.ts';
import type { LineDeps } from './ports.ts';

/** What the line does with the caller's 160 bytes of a tick, and what it plays back. */
type Exchange = (frame: Uint8Array) => Uint8Array | undefined;

/** One call while it goes on: what the verbs of its TwiML share. */
export type CallSession = {
  readonly deps: LineDeps;
  readonly parties: CallParties;
  readonly line: CallerLine;
  /** What goes wrong between media stream and socket. */
  readonly faults: LineFaults;
  /** Aborted when the call ends, whoever ends it. */
  readonly signal: AbortSignal;
  /** Who is connected to the line now; null: nobody. */
  connected: { readonly exchange: Exchange; readonly dtmf?: (digit: string) => void } | null;
  /** Who listens to the line: one-way streams get each frame that was spoken and what plays next. */
  readonly taps: Set<(spoken: Uint8Array, played: Uint8Array | undefined) => void>;
  /** Ends a started one-way stream, by its name ('' without one). */
  readonly streams: Map<string, () => void>;
  /** The bot has passed the caller on (`<Dial>`) and nothing has come after it. */
  isTransferred: boolean;
  /** Keys the caller has pressed so far. */
  digits: string;
  streamSid: string | null;
  /** Position on the line where the media clock of the stream is 0; null before a stream. */
  mediaStartSample: number | null;
  closeCode: number | null;
  /** What went wrong with a media stream; the TwiML went on after it. */
  streamFault: TwilioFault | null;
  /** Callbacks on their way, awaited when the call has ended. */
  readonly pending: Promise<void>[];
  emit(event: CallEvent): void;
  /** Ends the call; only the first end counts. */
  finish(end: CallEnd): void;
};

/** One tick of the line: gives the caller's 160 bytes to whoever is connected and whoever listens, returns what plays next. */
export function exchangeFrame(session: CallSession, spoken: Uint8Array): Uint8Array | undefined {
  const played = session.connected?.exchange(spoken);
  for (const tap of session.taps) tap(spoken, played);
  return played;
}

/** Reports something that Twilio would show among the warnings of the call; code 0 is a note of the simulation. */
export function warn(session: CallSession, code: number, message: string): void {
  session.emit({ type: 'warning', code, message });
}
