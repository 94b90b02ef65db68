/** A call that failed: Twilio's number, what happened, and with which token requests were signed (null: a made-up one). */
export type FailedCall = { readonly code: number; readonly message: string; readonly tokenFrom: string | null };

const SEE_THE_BOT = "the bot's own log says why";
const REACH_STREAM = '--media-base ws://HOST:PORT dials a bot on this machine instead';

/** The way out, by Twilio's number. */
const BY_CODE: Readonly<Record<number, string>> = {
  11200: SEE_THE_BOT,
  11205: 'is the bot running there, and is it the address of its voice webhook?',
  11750: 'Twilio takes 64 KiB of TwiML at most',
  12100: 'the webhook must answer with TwiML, an XML document whose root is <Response>',
  12102: 'the webhook must answer with TwiML, an XML document whose root is <Response>',
  12200: "the twilio package's VoiceResponse writes valid TwiML",
  12300: 'send TwiML with the header Content-Type: text/xml',
  31901: REACH_STREAM,
  31902: REACH_STREAM,
  31903: SEE_THE_BOT,
  31910: REACH_STREAM,
  31920: REACH_STREAM,
  31921: SEE_THE_BOT,
  31922: 'Twilio dials wss:// only; ws:// is let through on this machine',
  31924: SEE_THE_BOT,
};

/** What to do about a failed call, in words that follow a semicolon; undefined where nothing is known to help. */
export function adviseOn({ code, message, tokenFrom }: FailedCall): string | undefined {
  const status = /answered (?:the upgrade with )?(\d{3})/.exec(message)?.[1];
  if (status === '401' || status === '403') return adviseOnSignature(tokenFrom);
  if (code === 31920 && status === '404') return 'the bot has no WebSocket at this path';
  if (code === 11200 && (status === '404' || status === '405')) return 'is it the address of its voice webhook (POST)?';
  if (/did not answer within/.test(message)) return 'Twilio gives up here as well: answer first, work afterwards';
  return BY_CODE[code];
}

function adviseOnSignature(tokenFrom: string | null): string {
  const used = tokenFrom === null ? 'a made-up token signed it' : `it was signed with the token of ${tokenFrom}`;
  return `the bot refuses the signature: ${used}; give the bot's own with --auth-token or TWILIO_AUTH_TOKEN, and its public address with PUBLIC_BASE_URL if it checks against one`;
}
