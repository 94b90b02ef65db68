import fc from 'fast-check';
import { createStreamTokens } from '../../../services/bot/adapters/twilio/stream-token.ts';

const SECRET = 'a secret of our own, long enough';
const CALL = { callSid: `CA${'1'.repeat(32)}`, accountSid: `AC${'2'.repeat(32)}` };
const TICKET = { ...CALL, traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, from: '+33199001234' };

function createAt(startMs: number) {
  let now = startMs;
  const tokens = createStreamTokens(SECRET, () => now);
  const advance = (ms: number) => {
    now += ms;
  };
  return { tokens, advance };
}

test('a fresh token for the right call is accepted once, with what it carries', () => {
  const { tokens } = createAt(1000);
  const token = tokens.issue(TICKET);
  expect(tokens.redeem(token, CALL)).toEqual({ ok: true, ticket: { ...TICKET, issuedAtMs: 1000 } });
  expect(tokens.redeem(token, CALL)).toMatchObject({ ok: false, reason: 'token_used' });
});

test('a token fits into a stream parameter', () => {
  expect(createAt(Date.now()).tokens.issue(TICKET).length).toBeLessThan(499);
});

test('a token is worthless after a minute', () => {
  const { tokens, advance } = createAt(1000);
  const token = tokens.issue(TICKET);
  advance(60_001);
  expect(tokens.redeem(token, CALL)).toMatchObject({ ok: false, reason: 'token_expired' });
});

test('a token for another call or account is refused', () => {
  const { tokens } = createAt(1000);
  const token = tokens.issue(TICKET);
  expect(tokens.redeem(token, { ...CALL, callSid: `CA${'3'.repeat(32)}` })).toMatchObject({
    reason: 'token_wrong_call',
  });
  expect(tokens.redeem(token, { ...CALL, accountSid: `AC${'3'.repeat(32)}` })).toMatchObject({
    reason: 'token_wrong_call',
  });
});

test('a missing token, and one signed with another secret, are refused', () => {
  const { tokens } = createAt(1000);
  expect(tokens.redeem(undefined, CALL)).toEqual({ ok: false, reason: 'token_missing' });
  const forged = createStreamTokens('somebody else guessed a secret', () => 1000).issue(TICKET);
  expect(tokens.redeem(forged, CALL)).toEqual({ ok: false, reason: 'token_forged' });
});

test('no changed or invented token is accepted, and none makes the check throw', () => {
  const { tokens } = createAt(1000);
  const token = tokens.issue(TICKET);
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
      fc.pre(token[at] !== character);
      expect(tokens.redeem(token.slice(0, at) + character + token.slice(at + 1), CALL).ok).toBe(false);
    }),
  );
  fc.assert(fc.property(fc.string(), (text) => !tokens.redeem(text, CALL).ok));
});
