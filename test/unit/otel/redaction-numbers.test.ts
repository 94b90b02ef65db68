import { hashCaller } from 'callspan';
import { createRedactor } from '../../../otel/src/redaction/redactor.ts';
import { replaceSpokenNumbers } from '../../../otel/src/redaction/spoken.ts';

const KEY = 'key of the test';
const off = createRedactor({ level: 'off', hmacKey: KEY });
const hashed = (e164: string) => `<phone:${hashCaller(e164, KEY)}>`;

test.each([
  ['06 - 39 - 98 - 12 - 34', '+33639981234'],
  ['06  39  98  12  34', '+33639981234'],
  ['06, 39, 98, 12, 34', '+33639981234'],
  ['06. 39. 98. 12. 34', '+33639981234'],
  ['(0)6 39 98 12 34', '+33639981234'],
  ['0 6 3 9 9 8 1 2 3 4', '+33639981234'],
  ['+33 - 6 - 39 - 98 - 12 - 34', '+33639981234'],
  ['+33 6, 39, 98, 12, 34', '+33639981234'],
  ['4 1 5 5 5 5 2 6 7 1', '+14155552671'],
  ['1 4 1 5 5 5 5 2 6 7 1', '+14155552671'],
  ['415 - 555 - 2671', '+14155552671'],
  ['(020) 7946 0958', '+442079460958'],
])('the number %s is found', (written, e164) => {
  expect(off.text(`call ${written}. Thanks`)).toBe(`call ${hashed(e164)}. Thanks`);
});

test.each([
  'more than 4294967296 or 2147483648',
  'rss 2345678901',
  '{"rss":2345678901,"turns":3}',
  'sizes: 640 320 160 80',
  '4155552671 bytes in 9876543210 ns',
  '[0, 1, 0, 2, 0, 0, 1, 3, 0, 0, 0, 1]',
  '[5,1,5,2,5,5,1,3,5,5,5,1]',
])('%j is a size or a list, no number of anybody', (text) => {
  expect(off.text(text)).toBe(text);
});

test.each(['rss 0639981234', 'size +14155552671', 'call 06 12 18 24 30 ms'])('%j may be one and goes', (text) => {
  expect(off.text(text)).toContain('<phone:');
});

test.each(['double ', 'triple ', 'plus ', 'plus double '])(
  'a run of "%s" without a number is read once, not from each word',
  (word) => {
    const words = 300;
    const between = import.meta.jest.spyOn(String.prototype, 'slice');
    replaceSpokenNumbers(`one two three ${word.repeat(words)}`, undefined);
    const looks = between.mock.calls.length;
    between.mockRestore();
    expect(looks).toBeLessThan(5 * words);
  },
);

test('a number behind such a run is found as before', () => {
  expect(off.text('plus double double, plus: oh seven seven double oh nine double oh one two three')).toMatch(/<phone/);
  expect(off.text('plus double plus double - - - - - - - six zero seven seven double oh nine nine nine')).toMatch(
    /<(phone|number)/,
  );
});
