import type { CallSession } from './call-session.ts';
import { sendCallback } from './callback.ts';
import { TwilioFault } from './fault.ts';
import type { StreamNoun } from './twiml.ts';

/** Something that the stream's own status callback tells: `stream-started`, `stream-stopped`, `stream-error`. */
export type StreamEvent = {
  readonly streamSid: string;
  readonly event: string;
  readonly fault: TwilioFault | undefined;
};

/** What Twilio makes of the code with which a bot closed a stream; undefined: a normal end. */
export function explainClose(code: number): TwilioFault | undefined {
  if (code === 1000 || code === 1001 || code === 1005) return undefined;
  if (code === 1006) return new TwilioFault(31903, 'the media stream broke without a close frame');
  if (code === 1002 || code === 1007) return new TwilioFault(31924, `the media stream ended with code ${code}`);
  return new TwilioFault(31921, `the bot closed the media stream with code ${code}`);
}

/** Tells the bot about its stream, in the background, where its document asked for it. */
export function sendStreamEvent(
  session: CallSession,
  noun: StreamNoun,
  { streamSid, event, fault }: StreamEvent,
): void {
  if (!noun.statusCallback) return;
  sendCallback(session, noun.statusCallback, {
    AccountSid: session.parties.accountSid,
    CallSid: session.parties.callSid,
    StreamSid: streamSid,
    StreamName: noun.name ?? streamSid,
    StreamEvent: event,
    ...(fault && { StreamError: `${fault.code} ${fault.message}` }),
    Timestamp: session.deps.today().toISOString(),
  });
}
