import type { IncomingMessage } from 'node:http';

/** What a request says about the call that it is about. */
export type TwilioRequest = {
  readonly callSid: string;
  /** It tells how the call or its stream is getting on: its answer begins nothing. */
  readonly isCallback: boolean;
};

/** Twilio's forms are below 4 KB; a longer one is somebody else's. */
const LONGEST_FORM_BYTES = 32_768;
const CALL_SID = /^CA[0-9a-f]{32}$/;
/** Parameters that only status callbacks of calls (https://www.twilio.com/docs/voice/api/call-resource#statuscallback) and of streams have. */
const OF_CALLBACKS = ['CallbackSource', 'StreamEvent'];
const FORM = 'application/x-www-form-urlencoded';

/** Whether a request may be a webhook of Twilio whose form has to be seen first. */
export function mayBeTwilioForm({ method, headers }: IncomingMessage): boolean {
  if (method !== 'POST' || !headers['content-type']?.startsWith(FORM)) return false;
  const length = Number(headers['content-length']);
  return length > 0 && length <= LONGEST_FORM_BYTES;
}

/** The call of a webhook that was asked for by GET: its parameters are in the address. */
export function readTwilioQuery({ method, headers, url = '' }: IncomingMessage): TwilioRequest | undefined {
  if (method !== 'GET' || headers['x-twilio-signature'] === undefined) return undefined;
  return readParameters(url.slice(url.indexOf('?') + 1));
}

/** The call that a form is about; undefined when it is no form of a call. */
export function readTwilioForm(body: string): TwilioRequest | undefined {
  return readParameters(body);
}

function readParameters(text: string): TwilioRequest | undefined {
  const parameters = new URLSearchParams(text);
  const callSid = parameters.get('CallSid');
  if (callSid === null || !CALL_SID.test(callSid)) return undefined;
  return { callSid, isCallback: OF_CALLBACKS.some((name) => parameters.has(name)) };
}

/**
 * Sees the body of a request without taking it: what the parser pushes into the stream stays there for the app.
 * @param done called once with the whole body, or with undefined when the request breaks off or takes longer than `waitMs`
 */
export function peekBody(request: IncomingMessage, waitMs: number, done: (body: string | undefined) => void): void {
  const chunks: Buffer[] = [];
  const { push } = request;
  let isDone = false;
  const finish = (body: string | undefined) => {
    if (isDone) return;
    isDone = true;
    clearTimeout(timer);
    Reflect.deleteProperty(request, 'push');
    request.off('close', onClose);
    done(body);
  };
  const onClose = () => finish(undefined);
  const timer = setTimeout(onClose, waitMs).unref();
  request.once('close', onClose);
  request.push = (chunk, encoding) => {
    if (chunk) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : (chunk as Buffer));
    const result = Reflect.apply(push, request, [chunk, encoding]) as boolean;
    if (chunk === null) finish(Buffer.concat(chunks).toString('utf8'));
    return result;
  };
}
