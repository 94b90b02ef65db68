import type { Attributes } from '@opentelemetry/api';
import { hashCaller } from 'callspan';
import { Attr } from 'callspan/conventions';
import fc from 'fast-check';
import { ATTRIBUTE_DESCRIPTORS } from '../../../otel/src/conventions/signals/attribute-descriptors.ts';
import { redactLabels } from '../../../otel/src/redaction/labels.ts';
import { redactInPlace } from '../../../otel/src/redaction/redact-in-place.ts';
import { createRedactor } from '../../../otel/src/redaction/redactor.ts';

const KEY = 'key of the test';
const off = createRedactor({ level: 'off', hmacKey: KEY });
const full = createRedactor({ level: 'full', hmacKey: KEY });

test('no example of the contract is changed', () => {
  for (const [key, { example, unit }] of Object.entries(ATTRIBUTE_DESCRIPTORS)) {
    const value = unit === 'text' ? example : unit === 'true/false' ? example === 'true' : Number(example);
    const attributes = { [key]: key === Attr.finishReasons ? ['stop'] : value } as Attributes;
    expect(off.attributes(attributes)).toBe(attributes);
  }
});

test('ids, hashes, instants, ports, durations and versions are never taken for personal data', () => {
  const hex = (length: number) =>
    fc
      .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
      .map((all) => all.join(''));
  const version = fc.tuple(fc.nat(40), fc.nat(40), fc.nat(40)).map((parts) => parts.join('.'));
  const instant = fc.date({ min: new Date('2020-01-01'), max: new Date('2035-01-01'), noInvalidDate: true });
  const attributes = fc.record({
    [Attr.conversationId]: hex(32).map((id) => `CA${id}`),
    [Attr.streamSid]: hex(32).map((id) => `MZ${id}`),
    [Attr.accountSid]: hex(32).map((id) => `AC${id}`),
    [Attr.callerHash]: hex(16).filter((id) => /[a-f].*[a-f]/.test(id)),
    [Attr.providerRequestId]: hex(32).map((id) => `req_${id}`),
    [Attr.serviceInstanceId]: fc.uuid(),
    [Attr.serviceVersion]: version,
    [Attr.responseModel]: fc.tuple(version, instant).map(([v, day]) => `gpt-${v}-${day.toISOString().slice(0, 10)}`),
    [Attr.serverPort]: fc.nat(65_535),
    [Attr.callDurationMs]: fc.nat(),
    [Attr.serverAddress]: fc.ipV4(),
    'process.runtime.version': version,
    'app.job.id': fc.uuid(),
    'app.started_at': instant.map((at) => at.toISOString()),
    'app.started_ms': instant.map((at) => at.getTime()),
    'app.trace': hex(32),
    'app.duration': fc.nat(100_000).map((ms) => `${ms} ms`),
  });
  fc.assert(
    fc.property(attributes, (given) => {
      expect(off.attributes(given as Attributes)).toEqual(given);
    }),
    { numRuns: 500 },
  );
});

test.each<[string, unknown, unknown]>([
  ['password', 'hunter2', '<secret>'],
  ['x-api-key', 'k', '<secret>'],
  ['http.request.header.authorization', ['Basic abc'], '<secret>'],
  ['http.request.header.cookie', 'sid=1', '<secret>'],
  ['accessToken', 'short', '<secret>'],
  ['user.name', 'Jean', '<name>'],
  ['callerName', 'Jean', '<name>'],
  ['name', 'Jean', '<name>'],
  ['caller.city', 'Lyon', '<address>'],
  ['FromZip', '69001', '<address>'],
  ['address', '12 rue des Lilas', '<address>'],
  ['email', 'jean', '<email>'],
  ['phone', '0639981234', `<phone:${hashCaller('+33639981234', KEY)}>`],
  ['callback_number', 'after six', '<phone>'],
  ['callbackNumber', 33639981234, `<phone:${hashCaller('+33639981234', KEY)}>`],
  ['transcript', 'hello', '<content>'],
  ['SpeechResult', 'hello', '<content>'],
  ['gen_ai.input.messages', '[]', '<content>'],
  ['gen_ai.tool.call.arguments', '{}', '<content>'],
  ['Digits', '1234', '<content>'],
  [
    'db.query.text',
    "SELECT * FROM calls WHERE name = 'Jean' AND id = 12345",
    'SELECT * FROM calls WHERE name = ? AND id = ?',
  ],
  ['url.full', 'https://api.example.com/calls?name=Jean', 'https://api.example.com/calls?<query>'],
  ['url.path', '/callers/+33639981234', `/callers/<phone:${hashCaller('+33639981234', KEY)}>`],
  [
    'exception.message',
    'Unexpected token, "Jean Dupont"... is not valid JSON',
    'Unexpected token, <quoted>... is not valid JSON',
  ],
  [
    'exception.message',
    "Key (name)=(Jean) exists, can't use 'Jean d'Arc'",
    "Key (name)=(<quoted>) exists, can't use <quoted>",
  ],
  ['exception.stacktrace', 'Error: «Jean»\n    at "f" (a.js:1:1)', 'Error: <quoted>\n    at "f" (a.js:1:1)'],
  ['server.address', 'jean@exemple.fr', '<invalid>'],
  ['server.address', '0639981234', '<invalid>'],
  ['url.scheme', 'http Jean', '<invalid>'],
  ['cut', `${'word '.repeat(407)}06 39 98 12 3`, `${'word '.repeat(407).trimEnd()}<cut>`],
  ['cut', `${'word '.repeat(406)}claire@exemple.fr/`, `${'word '.repeat(406)}<cut>`],
  ['note', 'call 06 39 98 12 34', `call <phone:${hashCaller('+33639981234', KEY)}>`],
  [Attr.responseModel, 'Jean Dupont', '<invalid>'],
  [Attr.responseModel, 'jean@exemple.fr', '<invalid>'],
  [Attr.providerRequestId, '4111111111111111', '<invalid>'],
  [Attr.finishReasons, ['stop', 'said: Jean Dupont'], ['stop', '<invalid>']],
  [Attr.toolName, 'x'.repeat(129), '<invalid>'],
  [Attr.conversationId, '+33639981234', '<invalid>'],
  [Attr.callerHash, '+33639981234', '<invalid>'],
])('%s=%j becomes %j below full', (key, value, expected) => {
  expect(off.attributes({ [key]: value } as Attributes)).toEqual({ [key]: expected });
});

test.each([
  'service.name',
  'gen_ai.agent.name',
  'tool.name',
  'db.collection.name',
  'thread.name',
  'server.address',
  'input_tokens',
  'max_tokens',
  'token_count',
  'hostname',
  'fileName',
])('%s is no name, address or token of a person', (key) => {
  const attributes = { [key]: 'bureau-1' };
  expect(off.attributes(attributes)).toBe(attributes);
});

test('client addresses are left out at every level', () => {
  const given = { 'client.address': '203.0.113.9', 'user_agent.original': 'x', kept: 1 };
  expect(off.attributes(given)).toEqual({ kept: 1 });
  expect(full.attributes(given)).toEqual({ kept: 1 });
  expect(given).toHaveProperty(['user_agent.original']);
});

test('at full what was said stays and secrets go', () => {
  expect(full.attributes({ name: 'Jean', transcript: 'hello', token: 'abc' })).toEqual({
    name: 'Jean',
    transcript: 'hello',
    token: '<secret>',
  });
});

test('fields of a log line become plain data whatever they are', () => {
  const circular: Record<string, unknown> = { tool: { name: 'save' }, customer: { name: 'Jean' } };
  circular.self = circular;
  const hostile = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error('no');
      },
      get: () => {
        throw new Error('no');
      },
    },
  );
  const fields = {
    circular,
    hostile,
    get throwing() {
      throw new Error('no');
    },
    toJson: { toJSON: () => ({ email: 'a@b.fr' }) },
    badJson: {
      toJSON: () => {
        throw new Error('no');
      },
    },
    big: 10n,
    nan: Number.NaN,
    run: () => 1,
    symbol: Symbol('x'),
    bytes: Buffer.from('Jean Dupont'),
    map: new Map([['phone', '0639981234']]),
    set: new Set(['a@b.fr']),
    date: new Date(0),
    error: Object.assign(new Error('Jean Dupont'), { code: 'E1' }),
    later: Promise.resolve(1),
    url: new URL('https://u:p@x.example.com/?name=Jean'),
    'a@b.fr': true,
    ['__proto__']: 'kept',
    nothing: null,
  };
  const safe = off.fields(fields) as Record<string, unknown>;
  expect(() => JSON.stringify(safe)).not.toThrow();
  expect(safe).toMatchObject({
    circular: { tool: { name: 'save' }, customer: { name: '<name>' }, self: '<circular>' },
    hostile: '<unreadable>',
    throwing: '<unreadable>',
    toJson: { email: '<email>' },
    badJson: '<unreadable>',
    big: '10',
    nan: 'NaN',
    run: '<function>',
    symbol: '<symbol>',
    bytes: '<binary 11 bytes>',
    map: { phone: expect.stringMatching(/^<phone:\w{16}>$/) },
    set: ['<email>'],
    date: '1970-01-01T00:00:00.000Z',
    error: { type: 'Error', code: 'E1' },
    later: '<promise>',
    url: 'https://<secret>@x.example.com/?<query>',
    '<email>': true,
    nothing: null,
  });
  expect(JSON.stringify(safe)).not.toMatch(/Jean|Dupont|0639981234/);
});

test('huge and deep objects are cut', () => {
  let deep: object = {};
  for (let level = 0; level < 100; level += 1) deep = { deep };
  const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`key${index}`, index]));
  const text = JSON.stringify(off.fields({ deep, wide, list: new Array(1e6).fill('x'), long: 'word '.repeat(1e6) }));
  expect(text.length).toBeLessThan(20_000);
  expect(text).toContain('<deep>');
  expect(text).toContain('<cut>');
});

test('an object whose keys all say that they are secret is cut, too', () => {
  const secrets = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`password_${index}`, 'hunter22']));
  expect(Object.keys(off.fields(secrets) as object).length).toBeLessThan(300);
});

test('a list of a million is cut', () => {
  expect((off.fields(new Array(1e6).fill('x')) as string[]).length).toBeLessThan(300);
});

test('a label that is no plain id, name or route is invalid, the same labels come back when all are', () => {
  const labels = {
    model: 'gpt-6-luna',
    'http.route': '/records/:id',
    'voice.stage': 'reply',
    status: 200,
    tool: 'look_up',
  };
  expect(redactLabels(labels, off)).toBe(labels);
  expect(
    redactLabels(
      { model: 'Bonjour, je voudrais "parler"', user: 'a@b.fr', speaker: 'Jean Dupont', caller: '+33639981234' },
      off,
    ),
  ).toEqual({
    model: '<invalid>',
    user: '<invalid>',
    speaker: '<invalid>',
    caller: '<invalid>',
  });
});

test('a key is redacted once and for all, and what it held comes with it', () => {
  const given = { 'by.+33639981231': 'x', 'name of a@b.fr': 'Claire', 'client.address +33639981231': 1, fine: 'x' };
  const once = off.attributes(given);
  expect(Object.keys(once)).toEqual(['fine', expect.stringMatching(/^by\.<phone:\w{16}>$/), 'name of <email>']);
  expect(off.attributes(once)).toBe(once);
  const nested: Record<string, unknown> = { 'from +33639981232': 'x', ok: { 'deep +33639981233': 1 } };
  redactInPlace(nested, off);
  expect(JSON.stringify(nested)).not.toMatch(/3363998123/);
  expect(full.attributes({ 'by.+33639981231': 'x' })).toEqual({ 'by.+33639981231': 'x' });
  const secretive = createRedactor({ level: 'full', secrets: ['horse battery staple'] });
  expect(secretive.attributes({ 'no horse battery staple': 1 })).toEqual({ 'no <secret>': '<secret>' });
});

test('a key that is known is looked up, not read again', () => {
  const { attributes } = createRedactor({ level: 'off' });
  const given = { 'app.of.our.own': 1, [Attr.turnIndex]: 2 };
  attributes(given);
  const read = import.meta.jest.spyOn(RegExp.prototype, 'test');
  const looked = import.meta.jest.spyOn(Map.prototype, 'get');
  attributes(given);
  const [times, lookUps] = [read.mock.calls.length, looked.mock.calls.length];
  read.mockRestore();
  looked.mockRestore();
  expect([times, lookUps]).toEqual([0, 2]);
});
