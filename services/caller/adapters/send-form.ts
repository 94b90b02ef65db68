import { TwilioFault } from '../domain/fault.ts';
import type { SendForm } from '../domain/ports.ts';

/** Sends forms as Twilio's proxy does, signed by `sign` over the address (a GET carries its parameters in the query, unsigned beside it). */
export function createFormSender(sign: (url: string, params: Readonly<Record<string, string>>) => string): SendForm {
  return async ({ url, method, params, idempotencyToken, mostBytes = MOST_BYTES, signal }) => {
    const target = URL.parse(url);
    if (!target || !/^https?:$/.test(target.protocol)) throw new TwilioFault(11100, `"${url}" is not an http address`);
    const isGet = method === 'GET';
    if (isGet) for (const [key, value] of Object.entries(params)) target.searchParams.append(key, value);
    const headers = {
      'User-Agent': 'TwilioProxy/1.1',
      Accept: '*/*',
      'I-Twilio-Idempotency-Token': idempotencyToken,
      'X-Twilio-Signature': sign(isGet ? target.href : url, isGet ? {} : params),
    };
    const body = isGet ? null : new URLSearchParams(params);
    try {
      const response = await fetch(isGet ? target.href : url, { method, headers, body, signal });
      const contentType = response.headers.get('content-type') ?? '';
      return { status: response.status, contentType, body: await readBody(response, url, mostBytes) };
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      if (cause instanceof TwilioFault) throw cause;
      throw new TwilioFault(11205, `no connection to ${url}: ${explain(cause)}`, cause);
    }
  };
}

const MOST_BYTES = 65_536;

/** Stops reading at the limit: a bot that never stops writing must not fill the memory of all calls. */
async function readBody(response: Response, url: string, mostBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > mostBytes) throw new TwilioFault(11750, `${url} answered with more than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function explain(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: unknown; message?: unknown }; message?: unknown };
  return String(cause?.code ?? cause?.message ?? message);
}
