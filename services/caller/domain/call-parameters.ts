/** States of a call as Twilio writes them in requests. */
export type CallStatus = 'ringing' | 'in-progress' | 'completed' | 'busy' | 'no-answer' | 'failed';

/** Who calls whom. Numbers in E.164. */
export type CallParties = {
  readonly accountSid: string;
  readonly callSid: string;
  readonly from: string;
  readonly to: string;
};

const COUNTRIES: readonly (readonly [string, string])[] = [
  ['+33', 'FR'],
  ['+44', 'GB'],
  ['+1', 'US'],
  ['+49', 'DE'],
];

/** The parameters of every request about an incoming call, as Twilio sends them to the webhook. */
export function createCallParameters(parties: CallParties, status: CallStatus): Record<string, string> {
  const { from, to } = parties;
  return {
    AccountSid: parties.accountSid,
    ApiVersion: '2010-04-01',
    CallSid: parties.callSid,
    CallStatus: status,
    Called: to,
    CalledCountry: country(to),
    Caller: from,
    CallerCountry: country(from),
    Direction: 'inbound',
    From: from,
    FromCity: '',
    FromCountry: country(from),
    FromState: '',
    FromZip: '',
    To: to,
    ToCity: '',
    ToCountry: country(to),
    ToState: '',
    ToZip: '',
  };
}

/** What the status callback of an ended call has beside the usual parameters. Twilio bills begun minutes and counts whole seconds. */
export function createCompletedParameters(durationMs: number, at: Date): Record<string, string> {
  const seconds = Math.round(durationMs / 1000);
  return {
    CallDuration: `${seconds}`,
    CallbackSource: 'call-progress-events',
    Duration: `${Math.ceil(seconds / 60)}`,
    SequenceNumber: '0',
    SipResponseCode: '200',
    // RFC 2822, the way Twilio writes zones.
    Timestamp: at.toUTCString().replace('GMT', '+0000'),
  };
}

function country(number: string): string {
  return COUNTRIES.find(([prefix]) => number.startsWith(prefix))?.[1] ?? '';
}
