import { TwilioFault } from '../domain/fault.ts';
import type { SendForm } from '../domain/ports.ts';

/** Sends forms as Twilio's proxy does, signed by `sign` over the address (a GET carries its parameters in the query, unsigned beside it). */
export function createFormSender(sign: (url: string, params: Readonly<Record<string, string>>) => string): SendForm {
  return async ({ url, method, params, idempotencyToken, signal }) => {
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
      return { status: response.status, contentType, body: new Uint8Array(await response.arrayBuffer()) };
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      throw new TwilioFault(11205, `no connection to ${url}: ${explain(cause)}`, cause);
    }
  };
}

function explain(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: unknown; message?: unknown }; message?: unknown };
  return String(cause?.code ?? cause?.message ?? message);
}
