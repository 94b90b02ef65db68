import { hashCaller } from '../../../otel/src/index.ts';

test('the same number under the same key is the same caller, under another key another', () => {
  expect(hashCaller('+33 1 99 00 12 34', 'k1')).toBe(hashCaller('+33199001234', 'k1'));
  expect(hashCaller('+33199001234', 'k1')).not.toBe(hashCaller('+33199001234', 'k2'));
  expect(hashCaller('+33199001234', 'k1')).toMatch(/^[0-9a-f]{16}$/);
});

test('a caller who hides their number has no hash', () => {
  expect(hashCaller('Anonymous', 'k1')).toBeNull();
  expect(hashCaller('', 'k1')).toBeNull();
  expect(hashCaller('+266696687', 'k1')).toBeNull();
  expect(hashCaller('sip:alice4@example.com', 'k1')).toBeNull();
});

test('without a key there is no hash: an unkeyed one of a number is reversed in minutes', () => {
  expect(hashCaller('+33199001234', '')).toBeNull();
  expect(hashCaller('+33199001234', undefined as never)).toBeNull();
  expect(hashCaller(undefined as never, 'k1')).toBeNull();
});
