import { maskContent } from '../../../otel/src/redaction/mask-content.ts';
import { createRedactor } from '../../../otel/src/redaction/redactor.ts';

const tools = { redact: createRedactor({ level: 'masked' }).text, isOwnWord: () => false };

test.each([
  'We waited 20 minutes on the way.',
  'I have 3 dogs in the park.',
  'two people in the street',
  'Il y a 3 cours par semaine.',
  'Il y a 3 cours de danse par semaine.',
  'He lives 5 minutes up the hill.',
  'a 20 minute drive',
  'a one way street',
])('"%s" names no street and stays', (said) => {
  expect(maskContent(said, tools)).toBe(said);
});

test.each([
  ['twelve the avenue please', '<address> please'],
  ['at 12 isle of wight road', 'at <address>'],
  ['twenty five avenue road', '<address>'],
  ['au 7 chemin à mulet', 'au <address>'],
])('the street in "%s" goes', (said, kept) => {
  expect(maskContent(said, tools)).toBe(kept);
});
