import type { CallParties, CallStatus } from './call-parameters.ts';
import { createCallParameters } from './call-parameters.ts';
import { withDeadline } from './deadline.ts';
import { TwilioFault } from './fault.ts';
import type { FormAnswer, FormRequest, LineDeps } from './ports.ts';
import { createToken } from './sid.ts';
import { type Action, parseTwiml, type Verb } from './twiml.ts';

/** A document of TwiML and the address it came from, against which its relative addresses are read. */
export type TwimlDocument = { readonly url: string; readonly verbs: readonly Verb[] };

/** Which request: its absolute address, and what it says beside the usual parameters. */
export type DocumentRequest = {
  readonly action: Action;
  readonly status: CallStatus;
  readonly extra?: Readonly<Record<string, string>>;
  /** The call's end: the request is given up. */
  readonly signal: AbortSignal;
};

const ANSWER_TIMEOUT_MS = 15_000;
const TWIML_TYPES = ['text/xml', 'application/xml', 'text/html'];

/**
 * Asks the bot what to do, as Twilio does: 15 s, one retry with the same idempotency token when the bot could not be reached.
 * @throws TwilioFault 11100, 11200, 11205, 11750, 12100, 12102, 12200, 12300, 31922.
 */
export async function fetchDocument(
  deps: LineDeps,
  parties: CallParties,
  request: DocumentRequest,
): Promise<TwimlDocument> {
  const params = { ...createCallParameters(parties, request.status), ...request.extra };
  const { action, signal } = request;
  const form = { ...action, params, idempotencyToken: createToken(deps.random), signal };
  const ask = () => sendInTime(deps, form);
  const answer = await ask().catch((fault: unknown) => {
    if (fault instanceof TwilioFault && fault.code === 11205) return ask();
    throw fault;
  });
  return { url: request.action.url, verbs: parseTwiml(deps.parseXml(readXml(request.action.url, answer))) };
}

/** Sends a form; it is given up with 11200 after 15 s, or when the call ends. @throws TwilioFault 11100, 11200, 11205, 11750. */
export function sendInTime(deps: LineDeps, form: FormRequest): Promise<FormAnswer> {
  const fault = () => new TwilioFault(11200, `${form.url} did not answer within 15 s`);
  return withDeadline({ clock: deps.clock, timeoutMs: ANSWER_TIMEOUT_MS, fault }, form.signal, (signal) =>
    deps.sendForm({ ...form, signal }),
  );
}

function readXml(url: string, { status, contentType, body }: FormAnswer): string {
  if (status < 200 || status > 299) throw new TwilioFault(11200, `${url} answered ${status}`);
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (!TWIML_TYPES.includes(type))
    throw new TwilioFault(12300, `${url} answered with content type ${type || 'none'}, not text/xml`);
  return new TextDecoder().decode(body);
}
