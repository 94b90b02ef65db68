import { type CallSession, warn } from './call-session.ts';
import { withDeadline } from './deadline.ts';
import { TwilioFault } from './fault.ts';
import { createOneWayStream } from './one-way-stream.ts';
import { createSid } from './sid.ts';
import { explainClose, sendStreamEvent } from './stream-event.ts';
import type { Verb } from './twiml.ts';

type StartVerb = Extract<Verb, { verb: 'Start' }>;

const OPEN_TIMEOUT_MS = 5000;

/**
 * `<Start><Stream>`: from now on the bot hears the call through a socket of its own, while the document goes on. What goes wrong with it is a
 * warning of the call and an event of the stream, never the end of the call.
 */
export function startStream(session: CallSession, verb: StartVerb): void {
  const streamSid = createSid('MZ', session.deps.random);
  const stopped = new AbortController();
  session.streams.set(verb.stream.name ?? '', () => stopped.abort(new Error('the stream was stopped')));
  session.streamSid ??= streamSid;
  const ended = AbortSignal.any([session.signal, stopped.signal]);
  const tell = (event: string, fault?: TwilioFault) =>
    sendStreamEvent(session, verb.stream, { streamSid, event, fault });
  const fail = (error: unknown) => {
    if (ended.aborted) return tell('stream-stopped');
    const fault = error instanceof TwilioFault ? error : new TwilioFault(31920, String(error), error);
    warn(session, fault.code, fault.message);
    return tell('stream-error', fault);
  };
  const carried = carry(session, verb, { streamSid, ended, onStarted: () => tell('stream-started') });
  session.pending.push(carried.then((fault) => (fault ? fail(fault) : tell('stream-stopped')), fail));
}

/** `<Stop><Stream>`: ends the stream of that name. */
export function stopStream(session: CallSession, name: string | null): void {
  const stop = session.streams.get(name ?? '');
  if (stop) stop();
  else warn(session, 0, `<Stop>: no stream ${name ?? 'without a name'} was started`);
}

type Carried = { readonly streamSid: string; readonly ended: AbortSignal; readonly onStarted: () => void };

/** Opens the socket and carries the tracks until the stream, the call or the bot ends it. @throws TwilioFault when it cannot be opened. */
async function carry(
  session: CallSession,
  { stream: noun, tracks }: StartVerb,
  { streamSid, ended, onStarted }: Carried,
): Promise<TwilioFault | undefined> {
  const closed = Promise.withResolvers<number>();
  let hasSpoken = false;
  const onMessage = () => {
    if (!hasSpoken) warn(session, 31924, 'the bot sent a message on a one-way stream');
    hasSpoken = true;
  };
  const fault = () => new TwilioFault(31901, 'the one-way stream was not open within 5 s');
  const socket = await withDeadline({ clock: session.deps.clock, timeoutMs: OPEN_TIMEOUT_MS, fault }, ended, (signal) =>
    session.deps.openMediaSocket(noun.url, { onMessage, onClose: closed.resolve }, signal),
  );
  const stream = createOneWayStream({
    ...session.parties,
    streamSid,
    tracks,
    parameters: noun.parameters,
    send: socket.send,
  });
  session.mediaStartSample ??= session.line.position();
  stream.start();
  session.taps.add(stream.tick);
  onStarted();
  const onEnd = () => closed.resolve(0);
  ended.addEventListener('abort', onEnd);
  if (ended.aborted) onEnd();
  const code = await closed.promise;
  ended.removeEventListener('abort', onEnd);
  session.taps.delete(stream.tick);
  if (code !== 0) return explainClose(code);
  stream.stop();
  socket.close();
  return undefined;
}
