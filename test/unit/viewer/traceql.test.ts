import fc from 'fast-check';
import { parseTraceQuery } from '../../../services/viewer/adapters/traceql/parse.ts';
import { ViewerError } from '../../../services/viewer/domain/errors.ts';
import { createLinearPattern } from '../../../services/viewer/linear-pattern.ts';

const filterOf = (q: string) => {
  const { spansets } = parseTraceQuery(q);
  return spansets.kind === 'filter' ? spansets.condition : spansets;
};
const nameIs = (value: string) => ({
  kind: 'comparison',
  field: { scope: 'intrinsic', key: 'name' },
  op: '=',
  literal: { type: 'string', value },
});

test.each([
  ['{}', { kind: 'all' }],
  ['', { kind: 'all' }],
  ['{ true }', { kind: 'all' }],
  ['{ name = "a\\"b" }', nameIs('a"b')],
  ['{ name = `a\\b` }', nameIs('a\\b')],
  ['{ span:name = "x" }', nameIs('x')],
  ['{ "x" = name }', nameIs('x')],
])('%s is read', (q, condition) => {
  expect(filterOf(q)).toEqual(condition);
});

test.each([
  ['{ duration > 1.5s }', 'duration', '>', { type: 'duration', value: 1_500_000_000 }],
  ['{ 250ms <= duration }', 'duration', '>=', { type: 'duration', value: 250_000_000 }],
  ['{ status = error }', 'status', '=', { type: 'status', value: 2 }],
  ['{ kind != client }', 'kind', '!=', { type: 'kind', value: 3 }],
  ['{ span.n >= -4 }', 'n', '>=', { type: 'number', value: -4 }],
  ['{ .a.b != nil }', 'a.b', '!=', { type: 'nil' }],
  ['{ resource.x = false }', 'x', '=', { type: 'boolean', value: false }],
  ['{ span."a b" =~ "c.*" }', 'a b', '=~', { type: 'string', value: 'c.*' }],
])('%s is one comparison', (q, key, op, literal) => {
  expect(filterOf(q)).toMatchObject({ kind: 'comparison', field: { key }, op, literal });
});

test('&& binds before ||, and parentheses change that', () => {
  expect(filterOf('{ name = "a" || name = "b" && name = "c" }')).toMatchObject({ kind: 'or', right: { kind: 'and' } });
  expect(filterOf('{ (name = "a" || name = "b") && name = "c" }')).toMatchObject({ kind: 'and', left: { kind: 'or' } });
});

test('select comes after filters that are joined', () => {
  expect(parseTraceQuery('{ name = "a" } && { name = "b" } | select(span.x, name)')).toEqual({
    spansets: {
      kind: 'and',
      left: { kind: 'filter', condition: nameIs('a') },
      right: { kind: 'filter', condition: nameIs('b') },
    },
    select: [
      { scope: 'span', key: 'x' },
      { scope: 'intrinsic', key: 'name' },
    ],
  });
});

test.each([
  '{ name = ',
  'name = "x"',
  '{ nope = 1 }',
  '{ duration > "abc" }',
  '{ status > error }',
  '{ name =~ 5 }',
  '{ span.x =~ "(" }',
  '{ span.x =~ "a)|(?:b" }',
  '{ span.x < true }',
  '{} garbage',
  '{ name = "\\q" }',
])('%s is a bad request', (q) => {
  expect(() => parseTraceQuery(q)).toThrow(expect.objectContaining({ code: 'bad_request' }));
});

test.each([
  ['{ } | rate()', 'rate()'],
  ['{ name = "a" } >> { name = "b" }', '>>'],
  ['{ parent.a = 1 }', 'parent.a'],
  ['{ span.a + 1 > 2 }', 'span.a + 1'],
  ['{ span.a = span.b }', 'span.a = span.b'],
  ['{ !(name = "a") }', '!(name = "a")'],
  ['{ span.foo }', 'span.foo'],
  ['{ trace:id = "1" }', 'trace:id'],
  ['{ name = "a" } | by(span.x)', 'by(span.x)'],
])('%s is refused by the name of what is not supported', (q, part) => {
  expect(() => parseTraceQuery(q)).toThrow(
    expect.objectContaining({ code: 'unsupported', message: expect.stringContaining(part) }),
  );
});

test.each([
  ['(?=v).*', '(?=v)'],
  ['(?<!v)x', '(?<!v)'],
  ['(?i)VOICE', '(?i)'],
  ['(?P<n>x)', '(?P<n>x)'],
  ['(a)\\1', '\\1'],
  ['[[:alpha:]]+', '[[:'],
  ['\\Aa\\z', '\\A'],
  ['\\Qa.b\\E', '\\Q'],
  ['(.*a){20}', '(.*a){20}'],
])('the pattern %s is refused by the name of what RE2 and the linear engine do not share', (pattern, part) => {
  expect(() => parseTraceQuery(`{ name =~ \`${pattern}\` }`)).toThrow(
    expect.objectContaining({ code: 'unsupported', message: expect.stringContaining(part) }),
  );
});

test('a pattern that would make a backtracking engine try for ever is answered', () => {
  const regex = createLinearPattern('([a-zA-Z0-9:/.?=]+)+!');
  expect(regex.test('http://127.0.0.1:3001/records?callSid='.repeat(20))).toBe(false);
  expect(regex.test('http://127.0.0.1!')).toBe(true);
});

test.each([
  ['anchors', 'a|b', 'xb', false],
  ['a dot that is any character', 'a.b', 'a\nb', true],
  ['a backslash before the bracket of a class', '\\\\[1]', '\\1', true],
])('a pattern has %s', (_what, pattern, text, matches) => {
  expect(createLinearPattern(pattern).test(text)).toBe(matches);
});

test.each([
  ['comparisons', `{ ${Array(33).fill('name = "a"').join(' || ')} }`],
  ['words that let everything through', `{ ${Array(500).fill('true').join('&&')} }`],
  ['filters', Array(33).fill('{}').join('||')],
])('a query of too many %s is a bad request', (_what, q) => {
  expect(() => parseTraceQuery(q)).toThrow(
    expect.objectContaining({ code: 'bad_request', message: expect.stringContaining('too many') }),
  );
});

test('any text is a query or a refusal, never a crash', () => {
  const word = fc.constantFrom(
    '{',
    '}',
    'name',
    '=',
    '"a"',
    '&&',
    '||',
    '(',
    ')',
    'span.x',
    '5',
    '-',
    '|',
    'select(',
    '>>',
    'nil',
    '!',
    ' ',
    '"',
    '`',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
      ),
      (q) => {
        try {
          parseTraceQuery(q);
        } catch (error) {
          expect(error).toBeInstanceOf(ViewerError);
        }
      },
    ),
    { numRuns: 2000 },
  );
});
