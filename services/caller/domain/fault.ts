/**
 * Something that Twilio itself would report, with Twilio's own error number (https://www.twilio.com/docs/api/errors):
 * 11100 bad URL, 11200 webhook answered wrongly, 11205 webhook not reachable, 11750 answer too large, 12100 not XML, 12102 root is not Response, 12200 not TwiML,
 * 12300 content type, 31901 stream timed out, 31902 refused, 31903 broken, 31910 TLS, 31920 handshake, 31921 closed with an error,
 * 31922 scheme, 31924 WebSocket protocol, 31931 media discarded, 31950 binary message, 31951 invalid message.
 */
export type TwilioErrorCode =
  | 11100
  | 11200
  | 11205
  | 11750
  | 12100
  | 12102
  | 12200
  | 12300
  | 31901
  | 31902
  | 31903
  | 31910
  | 31920
  | 31921
  | 31922
  | 31924
  | 31931
  | 31950
  | 31951;

/** An error with Twilio's number; `message` says in one line what the bot did. */
export class TwilioFault extends Error {
  readonly code: TwilioErrorCode;

  constructor(code: TwilioErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'TwilioFault';
    this.code = code;
  }
}
