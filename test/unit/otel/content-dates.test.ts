import { maskContent } from '../../../otel/src/redaction/mask-content.ts';
import { createRedactor } from '../../../otel/src/redaction/redactor.ts';

const tools = { redact: createRedactor({ level: 'masked' }).text, isOwnWord: () => false };

test.each([
  ['Ma date de naissance est le 12 mars 1980.', 'Ma date de naissance est le <birth>.'],
  ['my date of birth is March 12, 1980', 'my date of birth is <birth>'],
  ['my birthday is the 12th of March 1980', 'my birthday is <birth>'],
  ['DOB 03-12-1980', 'DOB <birth>'],
  ['D.O.B. 12 Mar 80', '<spelled>. <birth>'],
  ['je suis né le premier avril mille neuf cent quatre-vingt et je viens', 'je suis né le <birth> et je viens'],
  ['i was born on march twelfth nineteen eighty and i need help', 'i was born on <birth> and i need help'],
  ['née en 1980 à Lyon', 'née en <birth> à <name>'],
  ['née en mars', 'née en <birth>'],
  ['born in nineteen eighty two', 'born in <birth>'],
  ['né à lyon le vingt et un mars 80', 'né à lyon le <birth>'],
  ["mon anniversaire c'est le 3 mai", "mon anniversaire c'est le <birth>"],
  ['né le 8, 8, 80', 'né le <birth>'],
  ['Le 12 mars 1980.', 'Le <birth>.'],
  ['12/03/1980', '<birth>'],
  ['1980-03-12', '<birth>'],
  ['March the twelfth, nineteen eighty.', '<birth>.'],
  ['le douze mars mille neuf cent quatre-vingt', 'le <birth>'],
])('the date of birth in "%s" goes: "%s"', (said, kept) => {
  expect(maskContent(said, tools)).toBe(kept);
});

test('"I was born on a Monday." says no date and stays', () => {
  expect(maskContent('I was born on a Monday.', tools)).toBe('I was born on a Monday.');
});
