import { createRedactor } from '../../../otel/src/redaction/redactor.ts';

const off = createRedactor({ level: 'off' });
const full = createRedactor({ level: 'full' });

test.each([
  ['name=Jean Dupont', 'name=<name>'],
  ["name='Jean d'Arc' status=ok", 'name=<name> status=ok'],
  ['caller name=Jean de La Tour, status=ok', 'caller name=<name>, status=ok'],
  ['callerName=Jean%20Dupont', 'callerName=<name>'],
  ['callerName=Jean%2520Dupont&x=1', 'callerName=<name>&x=1'],
  ['transcript=bonjour, je suis "Jean". Oui status=ok', 'transcript=<content> status=ok'],
  ['body=<html><p>Jean</p></html>', 'body=<content>'],
  ['digits=1234', 'digits=<content>'],
  ['zip=69001', 'zip=<address>'],
  ['address=12 rue des Lilas, 69003 Lyon status=ok', 'address=<address> status=ok'],
  ['birth=12 mars 1980', 'birth=<birth>'],
  ['email=jean at gmail.com', 'email=<email>'],
  ['{"msg":"text=hello world","level":3}', '{"msg":"text=<content>","level":3}'],
  ['name=%22Jean Dupont%22', 'name=<name>'],
  ['{"name":["Jean"],"level":3}', '{"name":"<name>","level":3}'],
  ['{"name":{"first":"Jean :-}","last":"Dupont"},"level":3}', '{"name":"<name>","level":3}'],
  ["{ user: { name: 'Jean X' }, turn: 3 }", "{ user: { name: '<name>' }, turn: 3 }"],
  ['{ name: "Jean d\'Arc", transcript: `oui` }', '{ name: "<name>", transcript: `<content>` }'],
  ["{ name: [ 'Jean' ], turn: 3 }", "{ name: '<name>', turn: 3 }"],
  [`{"name":"${'Jean '.repeat(1000)}"}`, '{"name":"<name>"}'],
  ['{"name":"Jean Dup', '{"name":"<name>'],
  ["{'name': \"Jean d'Arc\"}", '{\'name\': "<name>"}'],
])('the personal value in %j goes as a whole', (text, safe) => {
  expect(off.text(text)).toBe(safe);
  expect(full.text(text)).toBe(text);
});

test.each([
  ['password=my%20secret%20pass&x=1', 'password=<secret>&x=1'],
  ['password=my secret pass&x=1', 'password=<secret>&x=1'],
  ["password=hun'ter2,5 user=4", 'password=<secret> user=4'],
  ['--password=hunter2', '--password=<secret>'],
  ['password = hunter2', 'password = <secret>'],
  [`token=${'a1'.repeat(400)} user=4`, 'token=<secret> user=4'],
  ['otp=12 34 56', 'otp=<secret>'],
  ['token: 06 39 98 12 34', 'token: <secret>'],
  ['password=%22Bearer abcdefgh1', 'password=<secret>'],
  ['{"payload":"{\\"password\\":\\"hunter2\\",\\"x\\":1}"}', '{"payload":"{\\"password\\":\\"<secret>\\",\\"x\\":1}"}'],
  [
    JSON.stringify({ a: JSON.stringify({ b: JSON.stringify({ password: 'hu"nter2', x: 1 }) }) }),
    JSON.stringify({ a: JSON.stringify({ b: JSON.stringify({ password: '<secret>', x: 1 }) }) }),
  ],
  ['{"pin":1234}', '{"pin":"<secret>"}'],
  ['{"password":12345678}', '{"password":"<secret>"}'],
  ['{"authorization":["Token abc"]}', '{"authorization":"<secret>"}'],
  ["{ password: 'LEAKpw1', pin: 1234 }", "{ password: '<secret>', pin: <secret> }"],
  ['password: hunter2', 'password: <secret>'],
  ['wrong password: my secret pass for bob', 'wrong password: <secret> for bob'],
  ['Authorization: Token abcdef0123456789', 'Authorization: Token <secret>'],
  ['Authorization: ApiKey abcdefgh', 'Authorization: ApiKey <secret>'],
  ['Authorization: Digest username="Jean", response="ab0", nc=1', 'Authorization: Digest <secret>'],
  ['Cookie: sid=abcdef; session=ghijkl123', 'Cookie: <secret>'],
  [
    "curl -H 'Cookie: a=b; c=d' -H 'Authorization: Basic dXNl' x",
    "curl -H 'Cookie: <secret>' -H 'Authorization: Basic <secret>' x",
  ],
])('the secret value in %j goes at every level', (text, safe) => {
  expect(off.text(text)).toBe(safe);
  expect(full.text(text)).toBe(safe);
});

test.each([
  'SyntaxError: Unexpected token: identifier',
  "SyntaxError: Unexpected token: '<'",
  'signature: mismatch',
  'cookie: disabled, token: expired',
  'password: required',
  'password: must be 8 characters long',
  'npm run token:refresh',
  'token=null password=undefined',
  'stage name=reply took 12 ms',
  'body=12 bytes, args=3, messages=4, card=1',
  'address=0x7ffe00001234',
  "{ address: '127.0.0.1', family: 'IPv4', port: 3000 }",
  'name= status=ok',
  'WHERE name = $1 AND turn = 3',
  'name => text',
])('%j says nothing of anybody', (text) => {
  expect(off.text(text)).toBe(text);
});
