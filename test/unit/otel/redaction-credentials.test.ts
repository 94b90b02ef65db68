import { createRedactor } from '../../../otel/src/redaction/redactor.ts';

const full = createRedactor({ level: 'full' });

test.each([
  'I have a basic question about opening hours',
  'Bearer authentication failed',
  'Bearer credentials missing',
  'Digest mismatched',
])('"%s" speaks of credentials and holds none', (text) => {
  expect(full.text(text)).toBe(text);
});

test.each([
  ['Basic dXNlcjpwYXNz', 'Basic <secret>'],
  ['basic dXNlcm==', 'basic <secret>'],
  ['Bearer abcdefghijkl', 'Bearer <secret>'],
  ['digest abcdef0123', 'digest <secret>'],
])('"%s" holds some', (text, safe) => {
  expect(full.text(text)).toBe(safe);
});
