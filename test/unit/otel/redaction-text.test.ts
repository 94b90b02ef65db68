import { createRequire } from 'node:module';
import { hashCaller } from 'callspan';
import fc from 'fast-check';
import { readRedactionConfig } from '../../../otel/src/redaction/config.ts';
import { kindOfKey } from '../../../otel/src/redaction/keys.ts';
import { createRedactor } from '../../../otel/src/redaction/redactor.ts';

const KEY = 'key of the test';
const off = createRedactor({ level: 'off', hmacKey: KEY, secrets: ['0123456789abcdef0123456789abcdef'] });
const full = createRedactor({ level: 'full', hmacKey: KEY, secrets: ['0123456789abcdef0123456789abcdef'] });
const hashed = (e164: string) => `<phone:${hashCaller(e164, KEY)}>`;

test.each([
  ['+33639981234', hashed('+33639981234')],
  ['+33 6 39 98 12 34', hashed('+33639981234')],
  ['+33 (0)6 39 98 12 34', hashed('+33639981234')],
  ['0033 6 39 98 12 34', hashed('+33639981234')],
  ['33639981234', hashed('+33639981234')],
  ['0639981234', hashed('+33639981234')],
  ['06 39 98 12 34', hashed('+33639981234')],
  ['06.39.98.12.34', hashed('+33639981234')],
  ['06-39-98-12-34', hashed('+33639981234')],
  ['(415) 555-2671', hashed('+14155552671')],
  ['415-555-2671', hashed('+14155552671')],
  ['+1 (415) 555 2671', hashed('+14155552671')],
  ['+44 7700 900123', hashed('+447700900123')],
  ['+33639981234 / 06 39 98 12 34', hashed('+33639981234')],
  ['07700 900123', hashed('+447700900123')],
  ['zéro six trente-neuf quatre-vingt-dix-huit douze trente-quatre', hashed('+33639981234')],
  ['zero six, trois neuf, neuf huit, un deux, trois quatre', hashed('+33639981234')],
  ['06 trente-neuf 98 douze 34', hashed('+33639981234')],
  ['four one five, double five five, two six seven one', hashed('+14155552671')],
  ['+41 22 730 51 11', '<phone:'],
  ['030 123456', '<phone>'],
  ['%2B33639981234', hashed('+33639981234')],
  ['tel:+33639981234', `tel:${hashed('+33639981234')}`],
  ['tel+33639981234', `tel${hashed('+33639981234')}`],
  ['recording_0639981234_1.wav', `recording_${hashed('+33639981234')}_1.wav`],
  ['+14155552671ext5', `${hashed('+14155552671')}ext5`],
  ['415-555-2671 x12', `${hashed('+14155552671')} x12`],
  ['0639981234poste12', `${hashed('+33639981234')}poste12`],
  ['06\u201139\u201198\u201112\u201134', hashed('+33639981234')],
  ['+33 6 39\u200b98\u200b12\u200b34', hashed('+33639981234')],
  ['\uff0b\uff13\uff13\uff16\uff13\uff19\uff19\uff18\uff11\uff12\uff13\uff14', hashed('+33639981234')],
  ['\u0660\u0666\u0663\u0669\u0669\u0668\u0661\u0662\u0663\u0664', hashed('+33639981234')],
])('a number written "%s" becomes its keyed form', (written, expected) => {
  const found = off.text(`the caller ${written} rang`);
  expect(found).toContain(expected);
  expect(found).toMatch(/^the caller .* rang$/);
  expect(found.replaceAll(/<phone:[0-9a-f]{16}>/g, '')).not.toMatch(/\d{3}|six|five/);
});

test.each([
  ['0639981234 1200 ms', `${hashed('+33639981234')} 1200 ms`],
  ['write to jean.dupont+vip@mail.exemple.fr now', 'write to <email> now'],
  ['écrire à hélène@société.fr', 'écrire à <email>'],
  ['jean point dupont arobase exemple point fr', '<email>'],
  ['it is jane dot doe at example dot co dot uk', 'it is <email>'],
  ['INVITE sip:jean@10.1.2.3:5060 failed', 'INVITE <sip> failed'],
  ['from client:jean.dupont', 'from <sip>'],
  ['connect ETIMEDOUT 203.0.113.9:5432', 'connect ETIMEDOUT <ip>:5432'],
  ['peer 2001:db8:85a3::8a2e:370:7334 left', 'peer <ip> left'],
  ['::ffff:203.0.113.9', '<ip>'],
  ['card 4111 1111 1111 1111', 'card <card>'],
  ['card 378282246310005', 'card <card>'],
  ['x4111111111111111 card4111111111111111', 'x<card> card<card>'],
  ['4111\u20131111\u20131111\u20131111', '<card>'],
  ['IBANFR7630006000011234567890189', '<iban>'],
  ['jean\uff20exemple.fr', '<email>'],
  ["{'password': 'hunter2', 'name': 'Jean Dupont'}", "{'password': '<secret>', 'name': '<name>'}"],
  ['IBAN FR76 3000 6000 0112 3456 7890 189.', 'IBAN <iban>.'],
  ['gb29nwbk60161331926819', '<iban>'],
  ['key sk-proj-abcdefghijklmnop123', 'key <secret>'],
  ['Authorization: Bearer abc.def-ghi', 'Authorization: Bearer <secret>'],
  ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_def', 'jwt <secret>'],
  [`AC${'a1'.repeat(16)}:${'b2'.repeat(16)}`, '<secret>'],
  ['postgres://bot:hunter22@db:5432/calls', 'postgres://<secret>@db:5432/calls'],
  ['password=hunter22&x=1', 'password=<secret>&x=1'],
  ['{"callerName":"Jean Dupont","api_key":"k"}', '{"callerName":"<name>","api_key":"<secret>"}'],
  ['GET https://api.example.com/v1?q=Jean%20Dupont failed', 'GET https://api.example.com/v1?<query> failed'],
  ['CallerName=DUPONT+JEAN&CallerCity=LYON', 'CallerName=<name>&CallerCity=<address>'],
  ['wJalrXUtnFEMI4K7MDENGbPxRfiCYzEXAMPLEKEY', '<secret>'],
  ['token of the process: 0123456789abcdef0123456789abcdef', 'token of the process: <secret>'],
])('"%s" loses what is personal or secret', (text, expected) => {
  expect(off.text(text)).toBe(expected);
});

test.each([
  'CA5ef8732a3c49700934481addd5ce1659',
  'MZ18ad3ab5a668481ce02b83e7395059f0',
  '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  '0f6c2b5e-6a2c-4c11-9d3a-446655440000',
  '2026-11-21T15:30:38.123Z',
  'on 24/11/2026 at 14:30:00',
  'took 1234.567 ms over 20000 ms',
  '1763739038 1763739038123 1763739038123456789',
  'v24.11.1, pino 10.4.0, Chrome/120.0.0.0',
  'listening on 127.0.0.1:3000 and [::1]:3000',
  'gpt-6-luna-2026-10-01',
  'chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT',
  'req_6f0c5a1b2c3d4e5f60718293a4b5c6d7',
  'at parse (file:///app/node_modules/.pnpm/pino@10.4.0/node_modules/pino/lib/parse.js:1044:33)',
  'std::vector::begin of 0.123456789',
  '6 turns, median wait 904 ms, worst 1304 ms',
  'handleIncomingTwilioMediaStreamMessage',
  'one request of two failed after three tries',
  'une demande sur deux, puis trois essais',
  'HTTP 429',
  'ed30008d4ded41d0a67c1b0000000000',
  'there is no tool of that name: save_record',
  '<phone:1234567890123456>',
  'POST /records 201',
  'abc4111111111111111 1a4111111111111111',
  'took 1.5e+21 — and “so on”',
  '\u0661\u0662 of \uff15 calls \u2013 in order',
])('"%s" is left as it is', (text) => {
  expect(off.text(text)).toBe(text);
});

test('secrets are taken out at every level, personal data below full', () => {
  const text = 'Bearer abcdefghijkl for 06 39 98 12 34, key 0123456789abcdef0123456789abcdef';
  expect(full.text(text)).toBe('Bearer <secret> for 06 39 98 12 34, key <secret>');
});

test.each(['hunter2hunter2', 'pass\u2013word\u2013of\u2013ours', 'zwölf Boxkämpfer'])(
  'the secret %s of the process is taken out of a text that holds nothing else of note',
  (secret) => {
    const redactor = createRedactor({ level: 'full', secrets: [secret] });
    expect(redactor.text(`in with ${secret} at last`)).toBe('in with <secret> at last');
  },
);

test('without a key, numbers are not told from one another', () => {
  expect(createRedactor({ level: 'off' }).text('+33639981234 and +33639981235')).toBe('<phone> and <phone>');
});

test('redacting twice changes nothing more', () => {
  const pieces = [
    '06 39 98 12 34',
    'a@b.fr',
    '10.1.2.3',
    'password=x1234567',
    '4111111111111111',
    '06\u201139\u201198\u201112\u201134',
    '+33639981234ext5',
    "{'name': 'x'}",
    'name',
    '="',
    '%2B',
    ' ',
    ...`name=|password: |Cookie: a=b; |\\"name\\":\\"|text=x|"|'|\\|{|[|]|&|, |<|>|pin=|(0)`.split('|'),
    ...'%2540|%25|06, 39, 98, 12, 34|0 6 3 9|jean at |gmail.com| @ |a dot fr|arobase|://b:p@|/a?b='.split('|'),
    ..."peer:2001:db8::1|1.2.3.4-beta|Bearer abcdefg1|Authorization: |rss 1|git@a.fr:b/c|client:open|hun'ter2".split(
      '|',
    ),
  ];
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 8 })), { maxLength: 12 }),
      (parts) => {
        const once = off.text(parts.join(' '));
        expect(off.text(once)).toBe(once);
      },
    ),
    { numRuns: 500 },
  );
});

test('example numbers of fourteen countries are found however libphonenumber formats them', () => {
  const load = createRequire(import.meta.url);
  const { getExampleNumber } = load('libphonenumber-js/max') as typeof import('libphonenumber-js/max');
  const examples = load('libphonenumber-js/mobile/examples') as Parameters<typeof getExampleNumber>[1];
  const countries = ['FR', 'US', 'CA', 'GB', 'BE', 'CH', 'LU', 'DE', 'ES', 'IT', 'IE', 'NL', 'PT', 'MA'] as const;
  for (const country of countries) {
    const number = getExampleNumber(country, examples);
    if (!number) throw new Error(country);
    for (const written of [number.format('E.164'), number.format('INTERNATIONAL'), number.format('RFC3966')])
      expect(`${country} ${off.text(`call ${written}`)}`).toContain(`<phone:${hashCaller(number.number, KEY)}>`);
    if (['FR', 'US', 'CA', 'GB', 'BE', 'CH', 'NL', 'MA'].includes(country))
      expect(`${country} ${off.text(`call ${number.format('NATIONAL')} now`)}`).toMatch(/call <phone(:\w{16})?> now/);
  }
});

test('example IBANs of every country are found', () => {
  const { countrySpecs, isValidIBAN } = createRequire(import.meta.url)('ibantools') as typeof import('ibantools');
  const compose = (country: string, length: number) => {
    const body = '1234567890123456789012345678901234'.slice(0, length - 4);
    const turned = `${body}${country}00`.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
    return `${country}${String(98n - (BigInt(turned) % 97n)).padStart(2, '0')}${body}`;
  };
  const lengths = Object.entries(countrySpecs).filter(([, { chars }]) => chars);
  expect(lengths.length).toBeGreaterThan(70);
  for (const [country, { chars }] of lengths) expect(off.text(compose(country, chars ?? 0))).toBe('<iban>');
  expect(isValidIBAN('FR7630006000011234567890189')).toBe(true);
});

test('hostile text of 32 KiB is read in a moment', () => {
  const pieces = [
    'a',
    'A',
    '9',
    '1 ',
    'un ',
    'a@',
    'a.',
    '"a":"',
    '::',
    '((',
    "a'",
    ' ',
    '%',
    '=',
    '-',
    'a=',
    '+',
    'one a ',
    "'a':'",
    'a+1',
    '\u2011',
    '\u0661',
    ...`name=|name=a |name=a,|name='x\n|"name":[|"name":{"|\\"name\\":\\"|\\\\\\"name=a |\\|"': |text=a "|text=,;& `.split(
      '|',
    ),
    ...'token=<secret>|Cookie: a; |password: a |pin=1 |Authorization: a=b, |name=a\n|client:|Basic a=|-a|"@'.split('|'),
    ...'0 |06 - |06, |(0) |rss 1, |1ms |%2525|%zz%41|://a:b/|(/|/a?|a:1:|lib1 1.1.1.1 '.split('|'),
    ...'a at |a.a at |a@a dot |a arobase | @|@ '.split('|'),
  ];
  for (const piece of pieces) {
    const before = process.threadCpuUsage();
    off.text(piece.repeat(Math.ceil(32_768 / piece.length)));
    const { user } = process.threadCpuUsage(before);
    // Microseconds of this thread's own work, whoever else wants the processor. A quadratic rule takes a second or more.
    expect({ piece, slow: user > 400_000 }).toEqual({ piece, slow: false });
  }
});

test.each([
  ['http://192.168.1.20:4318', 'traces arrive at http://192.168.1.20:4318'],
  ['https://10.0.0.7/otlp', 'connect ECONNREFUSED 10.0.0.7:443'],
  ['http://[FD00::12]:4318', 'traces arrive at http://[fd00::12]:4318'],
])('the address of the receiver %s, which the operator set, stays; any other goes', (endpoint, line) => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, CALLER_ADDRESS: '203.0.113.9' };
  const redactor = createRedactor(readRedactionConfig(() => false, env));
  expect(redactor.text(line)).toBe(line);
  expect(redactor.text('connect ETIMEDOUT 203.0.113.9:443')).toBe('connect ETIMEDOUT <ip>:443');
  expect(off.text(line)).not.toBe(line);
});

test('the folder that a bot runs in is no secret, although its variable is called PWD', () => {
  const env = { PWD: '/srv/my-own-bot', OLDPWD: '/srv', DB_PWD: 'correct-horse-battery' };
  const redactor = createRedactor(readRedactionConfig((name) => kindOfKey(name).kind === 'secret', env));
  expect(redactor.text('at file:///srv/my-own-bot/log.mjs:1:1, not correct-horse-battery')).toBe(
    'at file:///srv/my-own-bot/log.mjs:1:1, not <secret>',
  );
});

test.each([
  'gpt-4o-2024-08-06',
  'gpt-4o-mini-2024-07-18',
  'gpt-4o-mini-transcribe-2025-12-15',
  'gpt-4o-realtime-preview-2024-12-17',
  'gpt-4.1-2025-04-14',
  'gpt-4-0613',
  'gpt-3.5-turbo-0125',
  'o3-mini-2025-01-31',
  'o1-preview-2024-09-12',
  'tts-1-hd-1106',
  'claude-3-5-sonnet-20241022',
  'claude-sonnet-4-20250514',
  'gemini-2.5-flash-preview-04-17',
  'ft:gpt-4o-mini-2024-07-18:acme::9abcDEF1',
  'accounts/fireworks/models/llama-v3p1-405b-instruct',
])('the model %s is no number of anybody', (model) => {
  const attributes = { 'gen_ai.request.model': model, 'gen_ai.response.model': model };
  expect(off.attributes(attributes)).toEqual(attributes);
  expect(off.text(`chat ${model}`)).toBe(`chat ${model}`);
});

test.each([
  ['password: correcthorse1', 'password: <secret>'],
  ['x-api-key: abcd1234efgh5678', 'x-api-key: <secret>'],
  ['refresh_token:abcd1234efgh', 'refresh_token:<secret>'],
  ['cookie: session_abcdefgh', 'cookie: <secret>'],
])('%j in a text that holds nothing else of note', (text, safe) => {
  expect(off.text(text)).toBe(safe);
  expect(full.text(text)).toBe(safe);
});
