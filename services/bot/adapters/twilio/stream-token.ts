import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const VERSION = 'v1';
/** Twilio opens the stream within seconds of reading the TwiML; afterwards the token is worthless. */
const LIFETIME_MS = 60_000;

/** What a token binds: nobody else can join this call's trace, and not twice. */
export type StreamTicket = {
  readonly callSid: string;
  readonly accountSid: string;
  /** W3C traceparent of the webhook's span, or '' when telemetry is off. */
  readonly traceparent: string;
  /** E.164 of the caller as Twilio told it, kept out of the stream's plain parameters. */
  readonly from: string;
  /** Epoch milliseconds. */
  readonly issuedAtMs: number;
};

/** Why a token is refused; closed values of `voice.reject.reason`. */
export type TokenRefusal = 'token_missing' | 'token_forged' | 'token_expired' | 'token_used' | 'token_wrong_call';

export type TokenCheck =
  | { readonly ok: true; readonly ticket: StreamTicket }
  | { readonly ok: false; readonly reason: TokenRefusal; readonly ticket?: StreamTicket };

/** Issues and checks the signed, short-lived, one-time tokens that travel as a `<Parameter>` of the stream. */
export type StreamTokens = {
  issue(ticket: Omit<StreamTicket, 'issuedAtMs'>): string;
  /** Uses the token up. `callSid` and `accountSid` are what the stream's start event says. */
  redeem(token: string | undefined, start: { readonly callSid: string; readonly accountSid: string }): TokenCheck;
};

/** @param now epoch milliseconds; @param secret at least 16 characters of our own, never Twilio's auth token */
export function createStreamTokens(secret: string, now: () => number = Date.now): StreamTokens {
  // Nonces are remembered for as long as their token would be accepted.
  const used = new Map<string, number>();
  const sign = (payload: string) => createHmac('sha256', secret).update(payload).digest('base64url');

  return {
    issue(ticket) {
      const nonce = randomBytes(9).toString('base64url');
      const fields = [
        VERSION,
        ticket.callSid,
        ticket.accountSid,
        String(now()),
        nonce,
        ticket.traceparent,
        ticket.from,
      ];
      const payload = Buffer.from(JSON.stringify(fields)).toString('base64url');
      return `${payload}.${sign(payload)}`;
    },
    redeem(token, start) {
      if (!token) return { ok: false, reason: 'token_missing' };
      const [payload = '', signature = ''] = token.split('.');
      if (!isEqual(signature, sign(payload))) return { ok: false, reason: 'token_forged' };
      const parsed = parsePayload(payload);
      if (!parsed) return { ok: false, reason: 'token_forged' };
      const { ticket, nonce } = parsed;
      if (now() - ticket.issuedAtMs > LIFETIME_MS) return { ok: false, reason: 'token_expired', ticket };
      if (ticket.callSid !== start.callSid || ticket.accountSid !== start.accountSid) {
        return { ok: false, reason: 'token_wrong_call', ticket };
      }
      for (const [old, issuedAtMs] of used) if (now() - issuedAtMs > LIFETIME_MS) used.delete(old);
      if (used.has(nonce)) return { ok: false, reason: 'token_used', ticket };
      used.set(nonce, ticket.issuedAtMs);
      return { ok: true, ticket };
    },
  };
}

function isEqual(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}

function parsePayload(payload: string): { ticket: StreamTicket; nonce: string } | undefined {
  const fields: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  if (!Array.isArray(fields) || fields[0] !== VERSION) return undefined;
  const [, callSid, accountSid, issuedAt, nonce, traceparent, from] = fields.map(String);
  if (!callSid || !accountSid || !issuedAt || !nonce) return undefined;
  const ticket = {
    callSid,
    accountSid,
    traceparent: traceparent ?? '',
    from: from ?? '',
    issuedAtMs: Number(issuedAt),
  };
  return { ticket, nonce };
}
