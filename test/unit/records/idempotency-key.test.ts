import { parseIdempotencyKey } from '../../../services/records/domain/idempotency-key.ts';

describe('parseIdempotencyKey', () => {
  test.each([
    ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['8e03978e-40d5-43dd-bc93-6894a57f9324', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['  "with space"  ', 'with space'],
    ['"say \\"hi\\" \\\\"', 'say "hi" \\'],
    [`"${'k'.repeat(255)}"`, 'k'.repeat(255)],
  ])('reads %s', (header, key) => {
    expect(parseIdempotencyKey(header)).toBe(key);
  });

  test.each([undefined, '', '   '])('asks for the header when it is %p', (header) => {
    expect(() => parseIdempotencyKey(header)).toThrow(expect.objectContaining({ code: 'idempotency_key_missing' }));
  });

  test.each(['""', '"open', 'close"', '"a", "b"', 'a, b', 'two words', '"é"', 'é', '"a\\n"', '\\', 'k'.repeat(256)])(
    'refuses %p',
    (header) => {
      expect(() => parseIdempotencyKey(header)).toThrow(expect.objectContaining({ code: 'idempotency_key_invalid' }));
    },
  );
});
