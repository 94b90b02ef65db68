import { maskContent } from '../../../otel/src/redaction/mask-content.ts';
import { createRedactor } from '../../../otel/src/redaction/redactor.ts';

const tools = { redact: createRedactor({ level: 'masked' }).text, isOwnWord: () => false };

test.each([
  ["mon numéro c'est le 06, 39, 98, 12, 34.", "mon numéro c'est le <phone>."],
  ['06. 39. 98. 12. 34.', '<phone>.'],
  ['06 - 39 - 98 - 12 - 34', '<phone>'],
  ['06… 39… 98… 12… 34', '<number>'],
  ['06... 39... 98... 12... 34...', '<number>...'],
  ["It's 415, 555, 2671.", "It's <number>."],
  ['my card is 4111, 1111, 1111, 1111', 'my card is <number>'],
  ['the code is 1, 2, 3, 4, 5.', 'the code is <number>.'],
  ['le dossier 48，71，23', 'le dossier <number>'],
  ['le 12 mars 2026, 48, 71, 23', 'le 12 mars 2026, <number>'],
])('the number in "%s" goes: "%s"', (said, kept) => {
  expect(maskContent(said, tools)).toBe(kept);
});

// None of these may become a number with the rule for those above.
test.each([
  'le 24/11/2026 à 14:30',
  'Le 24 novembre 2026, 14 h.',
  'On November 24, 2026, 2 pm.',
  'le 10, 24/11/2026',
  'at 10, 2026-11-24 10:00',
  '2, 3 or 4',
  'from 2024\u20132026',
  'le 2024\u201101\u201115',
  'rendez-vous le 12\u201303\u20132025',
  'at 10, 11 or 12',
  'at 10, 11, 12',
  '10, 20, 30 or 40 minutes',
  'rooms 12, 14',
])('"%s" is no number of somebody and stays', (said) => {
  expect(maskContent(said, tools)).toBe(said);
});

test('hostile dates and numbers of 32 KB are read in a moment', () => {
  const pieces = [
    '1',
    '1, ',
    '1 - ',
    '10, 11, ',
    '....',
    '1....',
    'un ',
    'one two ',
    'mars 1 ',
    'née ',
    'né le 1 ',
    'né le un ',
  ];
  for (const piece of [
    ...pieces,
    'born on march 1 ',
    'nineteen ',
    'mille neuf cent ',
    '1 mars 19',
    'the ',
    'dob ',
    '1/1/',
    ' ',
  ]) {
    const before = process.threadCpuUsage();
    maskContent(piece.repeat(Math.floor(32_000 / piece.length)), tools);
    const { user } = process.threadCpuUsage(before);
    expect({ piece, slow: user > 400_000 }).toEqual({ piece, slow: false });
  }
});
