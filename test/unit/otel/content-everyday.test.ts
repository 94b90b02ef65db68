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

test.each([
  'Call me back tomorrow.',
  "It's cold out here.",
  'This is my first time calling.',
  "c'est bruyant au téléphone",
  "C'est ma première fois au téléphone.",
  'My name is hard to spell.',
  'my name is not spelled like that',
  'mon nom est difficile à écrire',
  "Monsieur le directeur n'est pas là.",
  'Madame la directrice, bonjour.',
  'Deux.',
  'Two.',
  'Vingt-deux.',
  'Urgent.',
  'Absolument.',
  'Certainly.',
  'Peut-être.',
  'Bye.',
  'Nothing.',
])('"%s" names nobody, everyday as it is, and stays', (said) => {
  expect(maskContent(said, tools)).toBe(said);
});

test.each([
  ['my name is hard', 'my name is <name>'],
  ['my name is will', 'my name is <name>'],
  ['my name is long and i need help', 'my name is <name> and i need help'],
  ['this is cold speaking', 'this is <name> speaking'],
  ["it's my calling", "it's <name> calling"],
  ["c'est la fille fontaine au téléphone", "c'est <name> au téléphone"],
  ['monsieur le directeur fontaine', 'monsieur <name>'],
  ['Deux Fontaine.', '<name>.'],
])('the name in "%s" goes, however everyday the words beside it are', (said, kept) => {
  expect(maskContent(said, tools)).toBe(kept);
});

test('hostile sentences of 32 KB are read in a moment', () => {
  const pieces = [
    'call me ',
    'my name is hard ',
    'monsieur le directeur ',
    "it's cold ",
    "c'est ",
    'twelve the ',
    '12 the ',
  ];
  for (const piece of [
    ...pieces,
    '3 cours ',
    'Deux-',
    'Vingt et ',
    'one way ',
    'The ',
    'of ',
    'mon nom est mal ',
    'Peut-être ',
  ]) {
    const before = process.threadCpuUsage();
    maskContent(piece.repeat(Math.floor(32_000 / piece.length)), tools);
    const { user } = process.threadCpuUsage(before);
    expect({ piece, slow: user > 400_000 }).toEqual({ piece, slow: false });
  }
});
