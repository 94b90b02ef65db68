import { createHmac } from 'node:crypto';

/** Parameters of a form; repeated keys as arrays. */
type SignedParams = Readonly<Record<string, string | readonly string[]>>;

/** Makes the value of `X-Twilio-Signature` for an address and the form that goes with it ({} for GET and WebSocket upgrades). */
export type Sign = (url: string, params: SignedParams) => string;

/**
 * Twilio's own scheme: base64(HMAC-SHA1(token, url + key + value of each parameter in the order of the keys)); equal values of a key count once
 * (https://www.twilio.com/docs/usage/security#validating-requests). `publicBaseUrl` replaces the origin in what is signed, as a proxy would.
 */
export function createSigner(authToken: string, publicBaseUrl?: string): Sign {
  return (url, params) => {
    const signed = publicBaseUrl === undefined || !url.startsWith('http') ? url : moveOrigin(url, publicBaseUrl);
    const form = Object.keys(params)
      .toSorted()
      .map((key) => {
        const value = params[key] ?? '';
        const values = typeof value === 'string' ? [value] : [...new Set(value)].toSorted();
        return values.map((one) => `${key}${one}`).join('');
      });
    return createHmac('sha1', authToken)
      .update(`${signed}${form.join('')}`, 'utf8')
      .digest('base64');
  };
}

function moveOrigin(url: string, publicBaseUrl: string): string {
  const { pathname, search } = new URL(url);
  return `${publicBaseUrl.replace(/\/$/, '')}${pathname}${search}`;
}
