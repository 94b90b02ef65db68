import { createRequire } from 'node:module';
import type { validateRequest as ValidateRequest } from 'twilio/lib/webhooks/webhooks.js';

const load = createRequire(import.meta.url);
const { validateRequest } = load('twilio/lib/webhooks/webhooks') as { validateRequest: typeof ValidateRequest };

/** Checks X-Twilio-Signature over the public URL: never over request headers, which a stranger chooses. */
export type SignatureCheck = {
  /** `pathAndQuery` as requested; `form` the decoded body. */
  webhook(signature: string | undefined, pathAndQuery: string, form: Readonly<Record<string, string>>): boolean;
  /** The upgrade of the media stream is signed over its wss URL. */
  upgrade(signature: string | undefined, path: string): boolean;
};

/** @param publicBaseUrl origin under which Twilio reaches this bot, for example `https://bot.example.com` */
export function createSignatureCheck(authToken: string, publicBaseUrl: string): SignatureCheck {
  const base = publicBaseUrl.replace(/\/$/, '');
  const socketBase = base.replace(/^http/, 'ws');
  const isValid = (signature: string | undefined, url: string, form: Readonly<Record<string, string>>) => {
    if (!signature) return false;
    try {
      return validateRequest(authToken, signature, url, form);
    } catch {
      return false;
    }
  };
  return {
    webhook: (signature, pathAndQuery, form) => isValid(signature, base + pathAndQuery, form),
    // Twilio has been seen to sign with and without a trailing slash.
    upgrade: (signature, path) =>
      isValid(signature, socketBase + path, {}) || isValid(signature, `${socketBase}${path}/`, {}),
  };
}
