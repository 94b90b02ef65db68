import { once } from 'node:events';
import { createRequire } from 'node:module';
import { WebSocket } from 'ws';
import { createStreamTokens } from '../../services/bot/adapters/twilio/stream-token.ts';
import { ACCOUNT_SID, AUTH_TOKEN, STREAM_SECRET } from './test-bot.ts';

const { getExpectedTwilioSignature } = createRequire(import.meta.url)('twilio/lib/webhooks/webhooks') as {
  getExpectedTwilioSignature: (token: string, url: string, form: object) => string;
};

/** Signs as Twilio's own package does. */
export const sign = (url: string, form: object = {}) => getExpectedTwilioSignature(AUTH_TOKEN, url, form);

export const newCallSid = () => `CA${crypto.randomUUID().replaceAll('-', '')}`;

/** A webhook POST, signed unless `signature` says otherwise. */
export function postForm(
  url: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    body: new URLSearchParams(form),
    headers: { 'x-twilio-signature': sign(url, form), ...headers },
  });
}

export const voiceForm = (callSid: string, more: Record<string, string> = {}) => ({
  CallSid: callSid,
  AccountSid: ACCOUNT_SID,
  From: '+33199001234',
  To: '+33199005678',
  CallStatus: 'ringing',
  Direction: 'inbound',
  ApiVersion: '2010-04-01',
  ...more,
});

/** The token of the answer's `<Parameter name="t">`. */
export function tokenOf(twiml: string): string {
  const token = /<Parameter name="t" value="([^"]+)"/.exec(twiml)?.[1];
  if (!token) throw new Error(`no token in ${twiml}`);
  return token;
}

/** A token as the bot would have issued it at `now`. */
export function issueToken(callSid: string, now: () => number = Date.now): string {
  return createStreamTokens(STREAM_SECRET, now).issue({
    callSid,
    accountSid: ACCOUNT_SID,
    traceparent: '',
    from: '+33199001234',
  });
}

/** An open media stream. */
export type TestStream = {
  readonly socket: WebSocket;
  readonly streamSid: string;
  send(message: unknown): void;
  closed: Promise<{ code: number; reason: string }>;
};

export async function openStream(botUrl: string): Promise<TestStream> {
  const url = `${botUrl.replace('http', 'ws')}/media`;
  const socket = new WebSocket(url, { headers: { 'x-twilio-signature': sign(url) } });
  socket.on('error', () => undefined);
  const closed = once(socket, 'close').then(([code, reason]) => ({ code: code as number, reason: String(reason) }));
  await once(socket, 'open');
  const streamSid = `MZ${crypto.randomUUID().replaceAll('-', '')}`;
  const send = (message: unknown) => socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  send({ event: 'connected', protocol: 'Call', version: '1.0.0' });
  return { socket, streamSid, send, closed };
}

export const startMessage = (streamSid: string, callSid: string, token: string | undefined, more: object = {}) => ({
  event: 'start',
  sequenceNumber: '1',
  streamSid,
  start: {
    streamSid,
    accountSid: ACCOUNT_SID,
    callSid,
    tracks: ['inbound'],
    mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
    customParameters: token === undefined ? {} : { t: token },
    ...more,
  },
});

export const mediaMessage = (
  streamSid: string,
  index: number,
  payload = Buffer.alloc(160, 0xff).toString('base64'),
) => ({
  event: 'media',
  sequenceNumber: String(index + 2),
  streamSid,
  media: { track: 'inbound', chunk: String(index + 1), timestamp: String(index * 20), payload },
});
