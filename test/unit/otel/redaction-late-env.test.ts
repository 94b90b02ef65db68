import { createCallspan, createLogger, hashCaller } from 'callspan';
import { processRedactor } from '../../../otel/src/redaction/redactor.ts';

const given = { ...process.env };
// Whatever the preload made holds on to this one.
const redactor = processRedactor();
afterEach(() => {
  process.env = { ...given };
});

const info = { callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' };
const callspan = createCallspan();

test.each([
  ['logger', () => void createLogger({ context: 'Db' })],
  ['kit', () => void createCallspan()],
  ['call', () => callspan.startCall(info).end({ reason: 'bot_hangup', outcome: 'no_record' })],
])('a secret that the application read from a file of its own is one from its next %s on', (what, start) => {
  const said = `cannot connect with horse ${what} battery staple`;
  expect(redactor.text(said)).toBe(said);
  expect(redactor.label(`horse-${what}-battery`)).toBe(`horse-${what}-battery`);
  process.env.DB_PASS = `horse ${what} battery staple`;
  process.env.OTHER_PASS = `horse-${what}-battery`;
  start();
  expect(redactor.text(said)).toBe('cannot connect with <secret>');
  expect(redactor.attributes({ said })).toEqual({ said: 'cannot connect with <secret>' });
  expect(redactor.fields({ said })).toEqual({ said: 'cannot connect with <secret>' });
  expect(redactor.label(`horse-${what}-battery`)).toBe('<invalid>');
});

test('numbers are hashed under a key that comes late as callers are', () => {
  expect(redactor.text('from +33639981234')).toBe('from <phone>');
  process.env.CALLSPAN_HMAC_KEY = 'a-key-from-dotenv-0123456789';
  createLogger();
  const hash = hashCaller('+33639981234', process.env.CALLSPAN_HMAC_KEY);
  expect(redactor.text('from +33639981234')).toBe(`from <phone:${hash}>`);
  delete process.env.CALLSPAN_HMAC_KEY;
  createLogger();
  expect(redactor.text('from +33639981234')).toBe(`from <phone:${hash}>`);
});

test('what was a secret stays one when its variable is deleted', () => {
  process.env.CRM_TOKEN = 'an old token of the CRM';
  createLogger();
  delete process.env.CRM_TOKEN;
  process.env.MAIL_TOKEN = 'a new token of the mail';
  createLogger();
  expect(redactor.text('an old token of the CRM, a new token of the mail')).toBe('<secret>, <secret>');
});

test('the level is that of the start, whatever the application sets later', () => {
  process.env.CALLSPAN_CAPTURE = 'full';
  expect(() => createLogger()).not.toThrow();
  expect([redactor.level, redactor.text('to a@b.fr')]).toEqual(['off', 'to <email>']);
});

test('a key file that cannot be read ends no call, and is refused by name where the kit is made', () => {
  process.env.CALLSPAN_HMAC_KEY_FILE = '/nowhere/key';
  callspan.startCall(info).end({ reason: 'bot_hangup', outcome: 'no_record' });
  expect(() => createCallspan()).toThrow('CALLSPAN_HMAC_KEY_FILE is /nowhere/key');
});
