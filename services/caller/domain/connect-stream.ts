import { type CallSession, warn } from './call-session.ts';
import { withDeadline } from './deadline.ts';
import { TwilioFault } from './fault.ts';
import { createMediaStream } from './media-stream.ts';
import type { MediaSocket } from './ports.ts';
import { createSid } from './sid.ts';
import { explainClose, sendStreamEvent } from './stream-event.ts';
import type { StreamNoun } from './twiml.ts';

const OPEN_TIMEOUT_MS = 5000;

/**
 * `<Connect><Stream>`: the line goes through the bot's WebSocket until one side ends it. Resolves in any case: what went wrong is in
 * `session.streamFault`, and Twilio goes on with the next verb.
 */
export async function connectStream(session: CallSession, noun: StreamNoun): Promise<void> {
  const streamSid = createSid('MZ', session.deps.random);
  const tell = (event: string, fault?: TwilioFault) => sendStreamEvent(session, noun, { streamSid, event, fault });
  session.streamSid = streamSid;
  let fault: TwilioFault | undefined;
  try {
    fault = await runStream(session, noun, () => tell('stream-started'));
  } catch (error) {
    if (!(error instanceof TwilioFault)) throw error;
    fault = error;
  } finally {
    session.connected = null;
  }
  if (session.signal.aborted || !fault) return tell('stream-stopped');
  session.streamFault = fault;
  warn(session, fault.code, fault.message);
  return tell('stream-error', fault);
}

async function runStream(
  session: CallSession,
  noun: StreamNoun,
  onStarted: () => void,
): Promise<TwilioFault | undefined> {
  const { stream, faulty, socket, closed } = await openStream(session, noun);
  stream.start();
  session.mediaStartSample = session.line.position();
  session.connected = { exchange: (frame) => faulty.tick(frame, stream.tick), dtmf: stream.dtmf };
  session.emit({ type: 'streaming', streamSid: session.streamSid ?? '' });
  onStarted();
  const onEnd = () => closed.resolve(0);
  session.signal.addEventListener('abort', onEnd);
  if (session.signal.aborted) onEnd();
  const code = await closed.promise;
  session.signal.removeEventListener('abort', onEnd);
  session.connected = null;
  if (code === 0) {
    if (!faulty.leavesOutStop()) stream.stop();
    session.pending.push(faulty.finish(faulty.isHalfOpen() ? socket.destroy : socket.close));
    return undefined;
  }
  faulty.abandon();
  session.closeCode = code;
  // Nothing gets through to Twilio any more: the caller has heard nothing and gives up.
  if (faulty.isHalfOpen()) session.finish({ by: 'caller', closeCode: code });
  return faulty.isHalfOpen() ? undefined : explainClose(code);
}

/** The stream with its socket open, and the code with which the bot will close it. @throws TwilioFault 31901, 31902, 31910, 31920. */
async function openStream(session: CallSession, noun: StreamNoun) {
  const { accountSid, callSid } = session.parties;
  const closed = Promise.withResolvers<number>();
  let socket: MediaSocket | null = null;
  const faulty = session.faults.openStream({
    send: (message) => socket?.send(message),
    destroy: () => socket?.destroy(),
    hangUp: () => session.finish({ by: 'caller' }),
  });
  const stream = createMediaStream({
    accountSid,
    callSid,
    streamSid: session.streamSid ?? '',
    parameters: noun.parameters,
    send: faulty.send,
    returnMark: faulty.returnMark,
    onClear: () => session.line.noteClear(),
    onWarning: (code, message) => warn(session, code, message),
  });
  const events = {
    onMessage: (data: string | Uint8Array) => faulty.receive(() => stream.receive(data)),
    onClose: (code: number) => faulty.receiveClose(() => closed.resolve(code)),
  };
  const fault = () => new TwilioFault(31901, 'the media stream was not open within 5 s');
  const deadline = { clock: session.deps.clock, timeoutMs: OPEN_TIMEOUT_MS, fault };
  socket = await withDeadline(deadline, session.signal, (signal) =>
    session.deps.openMediaSocket(noun.url, events, signal),
  );
  return { stream, faulty, socket, closed };
}
