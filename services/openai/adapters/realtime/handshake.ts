import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { ApiError } from '../../domain/api-error.ts';
import { isLoopback } from '../../domain/loopback.ts';
import { createToken } from '../../domain/random.ts';
import { createRateLimitError, exhaustedHeaders } from '../../domain/rate-limit.ts';
import type { Standin } from '../../domain/standin.ts';
import { isKey } from '../../key.ts';

const PATH = '/v1/realtime';

const refuse = (status: number, message: string, code: string | null = null): Refusal => ({
  error: new ApiError(status, { message, type: 'invalid_request_error', param: null, code }),
  retryAfterMs: null,
});

const NO_KEY =
  "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY). Any key is good for this stand-in.";

/** What a client asked for in its upgrade. */
export type Asked = { readonly model: string | null; readonly isTranscription: boolean };

/** Reads what the URL asks for; a model makes a conversation of it, whatever the intent says. */
export function readAsked(request: IncomingMessage): Asked {
  const { searchParams } = new URL(request.url ?? '/', 'ws://localhost');
  const model = searchParams.get('model');
  return { model, isTranscription: model === null && searchParams.get('intent') === 'transcription' };
}

/** An error for the handshake; `retryAfterMs` when it asks to come back. */
export type Refusal = { readonly error: ApiError; readonly retryAfterMs: number | null };

/** Why an upgrade is refused; null when it is welcome. Meets the fault `refuse`. */
export function findRefusal(standin: Standin, request: IncomingMessage): Refusal | null {
  const path = (request.url ?? '').split('?')[0];
  if (standin.apiKey === undefined && !isLoopback(request.headers.host ?? ''))
    return refuse(403, 'The stand-in answers requests to localhost only.', 'forbidden_host');
  if (path !== PATH) return refuse(404, `Invalid URL (GET ${path})`);
  if (!/^Bearer +\S+$/u.test(request.headers.authorization ?? '')) return refuse(401, NO_KEY);
  if (standin.apiKey !== undefined && !isKey(request.headers.authorization, standin.apiKey))
    return refuse(401, 'Incorrect API key provided.', 'invalid_api_key');
  const fault = standin.faults.take('realtime', null, ['refuse']);
  if (!fault) return null;
  if (fault.code === 401) return refuse(401, 'Incorrect API key provided.', 'invalid_api_key');
  return { error: createRateLimitError(fault.retryAfterMs), retryAfterMs: fault.retryAfterMs };
}

/** Answers an upgrade with an error in the vendor's shape, and ends the connection. */
export function answerRefusal(standin: Standin, socket: Duplex, { error, retryAfterMs }: Refusal): void {
  const { status, body } = error;
  const content = JSON.stringify({ error: body });
  const headers: Readonly<Record<string, string>> = {
    connection: 'close',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(content)),
    'x-request-id': `req_${createToken(standin.random, 32).toLowerCase()}`,
    'openai-processing-ms': '1',
    ...(retryAfterMs === null ? standin.rateLimits.read() : exhaustedHeaders(retryAfterMs)),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${content}`);
}
