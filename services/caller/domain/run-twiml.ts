import { type CallSession, warn } from './call-session.ts';
import { connectStream } from './connect-stream.ts';
import { fetchDocument, type TwimlDocument } from './document.ts';
import { TwilioFault } from './fault.ts';
import { gather } from './gather.ts';
import { playSounds } from './play-sound.ts';
import { createSid } from './sid.ts';
import { startStream, stopStream } from './start-stream.ts';
import type { Action, StreamNoun, Verb } from './twiml.ts';

/** Whether the call was ever answered, and how it ended if not. */
export type TwimlEnd = { readonly status: 'completed' | 'busy' | 'no-answer' };

/**
 * Does what the document says, and the documents it leads to, until there is nothing more to do: then Twilio hangs up.
 * @throws TwilioFault for a document that Twilio would refuse; the line's reason when the call ended meanwhile.
 */
export async function runTwiml(session: CallSession, first: TwimlDocument): Promise<TwimlEnd> {
  let document = first;
  for (let at = 0; at < document.verbs.length; at += 1) {
    const verb = document.verbs[at];
    if (!verb || verb.verb === 'Hangup' || session.signal.aborted) break;
    if (verb.verb === 'Reject') return { status: verb.reason === 'busy' ? 'busy' : 'no-answer' };
    session.isTransferred = verb.verb === 'Dial';
    const next = await runVerb(session, document, verb);
    if (next) {
      document = next;
      at = -1;
    }
  }
  return { status: 'completed' };
}

/** Runs a verb; a document means: go on there instead. */
async function runVerb(session: CallSession, document: TwimlDocument, verb: Verb): Promise<TwimlDocument | null> {
  const go = (action: Action, extra: Record<string, string> = {}) => follow(session, document, { action, extra });
  switch (verb.verb) {
    case 'Say':
    case 'Pause':
    case 'Play':
      await playSounds(session, { baseUrl: document.url, verbs: [verb] });
      return null;
    case 'Connect':
      await connectStream(session, resolveCallback(verb.stream, document));
      return verb.action && !session.signal.aborted ? go(verb.action) : null;
    case 'Start':
      startStream(session, { ...verb, stream: resolveCallback(verb.stream, document) });
      return null;
    case 'Stop':
      stopStream(session, verb.name);
      return null;
    case 'Redirect':
      return go(verb.target);
    case 'Gather': {
      const heard = await gather(session, verb, document.url);
      return heard ? go(verb.action ?? { url: document.url, method: 'POST' }, heard) : null;
    }
    case 'Dial':
      return dial(session, verb.timeoutMs, (extra) => (verb.action ? go(verb.action, extra) : null));
    case 'PassedOver':
      warn(session, 0, `<${verb.name}> is not simulated: the line goes on with the next verb`);
      return null;
    default:
      return null;
  }
}

/** An absolute address stays as it is written: the signature is made over exactly these characters. */
function resolveCallback(stream: StreamNoun, document: TwimlDocument): StreamNoun {
  const { statusCallback } = stream;
  if (!statusCallback || URL.canParse(statusCallback.url)) return stream;
  const url = URL.parse(statusCallback.url, document.url)?.href ?? statusCallback.url;
  return { ...stream, statusCallback: { ...statusCallback, url } };
}

// Nobody lives at the other end of the simulated line: it rings until the caller or the timeout ends it.
async function dial(
  session: CallSession,
  timeoutMs: number,
  then: (extra: Record<string, string>) => Promise<TwimlDocument> | null,
): Promise<TwimlDocument | null> {
  warn(session, 0, `<Dial>: it rings for ${timeoutMs / 1000} s and nobody answers in the simulation`);
  await session.line.until(() => false, timeoutMs);
  return then({ DialCallStatus: 'no-answer', DialCallSid: createSid('CA', session.deps.random) });
}

type Step = { readonly action: Action; readonly extra: Record<string, string> };

async function follow(session: CallSession, document: TwimlDocument, { action, extra }: Step): Promise<TwimlDocument> {
  const url = URL.parse(action.url, document.url);
  if (!url) throw new TwilioFault(11100, `"${action.url}" is not an address`);
  const request = {
    action: { ...action, url: url.href },
    status: 'in-progress',
    extra,
    signal: session.signal,
  } as const;
  return fetchDocument(session.deps, session.parties, request);
}
