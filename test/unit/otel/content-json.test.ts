import { maskContent } from '../../../otel/src/redaction/mask-content.ts';
import { createRedactor } from '../../../otel/src/redaction/redactor.ts';

const redactor = createRedactor({ level: 'masked', hmacKey: 'a key of the tests' });
const tools = { redact: redactor.text, isOwnWord: () => false };

test.each([
  [{ name: ['jean dupont'] }, { name: ['<name>'] }],
  [{ name: { first: 'jean', last: 'dupont' } }, { name: { first: '<name>', last: '<name>' } }],
  [{ birth: { year: 1980, month: 3, day: 12 } }, { birth: { year: '<birth>', month: '<birth>', day: '<birth>' } }],
  [{ phone: ['06', '39'] }, { phone: ['<phone>', '<phone>'] }],
  [
    { password: ['x'], pin: [1, 2, 3, 4] },
    { password: ['<secret>'], pin: ['<secret>', '<secret>', '<secret>', '<secret>'] },
  ],
  [{ address: { street: 'x', town: 'lyon' } }, { address: { street: '<address>', town: '<address>' } }],
  [
    { name: { state: 'given', value: 'jean', phone: 'x', list: [{ of: 'all' }], is: true, none: null, empty: '' } },
    {
      name: {
        state: 'given',
        value: '<name>',
        phone: '<phone>',
        list: [{ of: '<name>' }],
        is: true,
        none: null,
        empty: '',
      },
    },
  ],
  [{ secret: { name: 'jean' } }, { secret: { name: '<secret>' } }],
  [{ said: ['06', '39', '98'] }, { said: ['<number>', '<number>', '<number>'] }],
  [
    { '06 39 98 12 34': 'x', '48712': 'x' },
    { '<phone:d0a1f3a2b1a0c9d8>': 'x', '<number>': 'x' },
  ],
  [{ arguments: '{"name":["jean dupont"]}' }, { arguments: '{"name":["<name>"]}' }],
])('JSON %j is kept as %j', (said, kept) => {
  const masked = maskContent(JSON.stringify(said), tools).replace(/<phone:[0-9a-f]{16}>/, '<phone:d0a1f3a2b1a0c9d8>');
  expect(JSON.parse(masked)).toEqual(kept);
});

test.each([
  ['{"name":"jean dup', '{"name":"<name>"}<cut>'],
  ['{"name":["jean", "dup', '{"name":["<name>","<name>"]}<cut>'],
  ['{"name":"jean\\', '{"name":"<name>"}<cut>'],
  ['{"name":"jean\\u00', '{"name":"<name>"}<cut>'],
  ['{"count":1,"na', '{"count":1,"na":null}<cut>'],
  ['{"count":1,"name"', '{"count":1,"name":null}<cut>'],
  ['{"count":1,"name":', '{"count":1,"name":null}<cut>'],
  ['{"count":1,', '{"count":1}<cut>'],
  ['{"name":{"age":4', '{"name":{"age":"<name>"}}<cut>'],
  ['{"wanted":tru', '{"wanted":null}<cut>'],
])('torn JSON %s is read as far as it goes', (said, kept) => {
  expect(maskContent(said, tools)).toBe(kept);
});

test.each([
  ['a JSON string', JSON.stringify('{"name":["jean dupont"]}'), JSON.stringify('{"name":["<name>"]}')],
  ['a torn JSON string', '"{\\"name\\":[\\"jean dup', `${JSON.stringify('{"name":["<name>"]}<cut>')}<cut>`],
  ['a sentence', 'Voici : {"name":["jean dupont"]}, merci.', 'Voici : {"name":["<name>"]}, merci.'],
  ['fences', '```json\n{"name": {"first": "jean"}}\n```', '```json\n{"name":{"first":"<name>"}}\n```'],
  ['lines', '{"name":["jean"]}\n{"name":["paul"]}', '{"name":["<name>"]}\n{"name":["<name>"]}'],
])('an object in %s is read as an object', (_where, said, kept) => {
  expect(maskContent(said, tools)).toBe(kept);
});

test.each([
  ["{'name': ['jean dupont']}", '<masked>'],
  ['Voici : {"name":["jean dupont",]} merci', 'Voici : <masked> merci'],
  ['{"name":["jean dupont"}', '<masked>'],
])('what is made like an object and is none, %s, goes as a whole', (said, kept) => {
  expect(maskContent(said, tools)).toBe(kept);
});

test('hostile JSON of 32 KB is read in a moment', () => {
  for (const piece of [
    '{',
    '[',
    '{"a":',
    '[{"',
    '["',
    '{"',
    '"',
    '\\',
    '"\\',
    '{}',
    '[1',
    "{'a':",
    '{"name":[',
    '[{',
  ]) {
    const before = process.threadCpuUsage();
    maskContent(piece.repeat(Math.floor(32_000 / piece.length)), tools);
    const { user } = process.threadCpuUsage(before);
    expect({ piece, slow: user > 400_000 }).toEqual({ piece, slow: false });
  }
});
