import { adviseOn } from '../../../services/caller/command/advice.ts';

test.each([
  [11200, 'http://b/voice answered 403', /signed with the token of TWILIO_AUTH_TOKEN; .*--auth-token.*PUBLIC_BASE_URL/],
  [31920, 'wss://b/media answered the upgrade with 401, not 101', /refuses the signature/],
  [11200, 'http://b/ answered 404', /address of its voice webhook/],
  [31920, 'wss://b/media answered the upgrade with 404, not 101', /no WebSocket at this path/],
  [11200, 'http://b/voice did not answer within 15 s', /answer first, work afterwards/],
  [11200, 'http://b/voice answered 500', /own log says why/],
  [11205, 'no connection to http://b/voice: ECONNREFUSED', /is the bot running there/],
  [12300, 'http://b/voice answered with content type application/json, not text/xml', /Content-Type: text\/xml/],
  [31902, 'wss://b/media refused the connection', /--media-base/],
])('the error %i with "%s" comes with the way out', (code, message, advice) => {
  expect(adviseOn({ code, message, tokenFrom: 'TWILIO_AUTH_TOKEN' })).toMatch(advice);
});

test('a signature with a made-up token is said to be that', () => {
  expect(adviseOn({ code: 11200, message: 'http://b/voice answered 403', tokenFrom: null })).toMatch(/made-up token/);
});

test('an error that nobody knows has no advice', () => {
  expect(adviseOn({ code: 1, message: 'x', tokenFrom: null })).toBeUndefined();
});
