import fc from 'fast-check';
import { createSentenceSplitter } from '../../../services/bot/domain/sentences.ts';

const split = (...pieces: string[]) => {
  const splitter = createSentenceSplitter();
  return [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.flush()];
};

test('a sentence is given on as soon as the next one begins', () => {
  const splitter = createSentenceSplitter();
  expect(splitter.push('Très bien, merci.')).toEqual([]);
  expect(splitter.push(' Quelle adresse')).toEqual(['Très bien, merci.']);
});

test('a number with a point, a price or an abbreviation in its middle stays whole', () => {
  expect(split('Cela coûte 12.', '5 euros par heure. Merci bien.')).toEqual([
    'Cela coûte 12.5 euros par heure.',
    'Merci bien.',
  ]);
});

test('very short sentences are joined to the next: each costs a request', () => {
  expect(split('Oui. Non. Je vous rappelle demain.')).toEqual(['Oui. Non. Je vous rappelle demain.']);
});

test('the first clause of a long first sentence is spoken before the sentence is complete, later ones are not', () => {
  const splitter = createSentenceSplitter();
  expect(splitter.push('Je récapitule : Claire Fontaine, une fuite')).toEqual(['Je récapitule :']);
  expect(splitter.push(" d'eau, mardi à dix heures, à Lyon. Bien ?")).toEqual([
    "Claire Fontaine, une fuite d'eau, mardi à dix heures, à Lyon.",
  ]);
});

test('however the text is cut into pieces, no word is lost or added', () => {
  const words = fc.array(
    fc.constantFrom('bonjour', 'merci.', 'Oui !', 'demain ?', '12.5', 'à dix heures.', 'lundi,', 'note :'),
    {
      maxLength: 30,
    },
  );
  fc.assert(
    fc.property(words, fc.infiniteStream(fc.integer({ min: 1, max: 7 })), (list, sizes) => {
      const text = list.join(' ');
      const pieces: string[] = [];
      for (let at = 0; at < text.length; ) {
        const size = sizes.next().value;
        pieces.push(text.slice(at, at + size));
        at += size;
      }
      expect(
        split(...pieces)
          .join(' ')
          .split(/\s+/)
          .filter(Boolean),
      ).toEqual(text.split(/\s+/).filter(Boolean));
    }),
  );
});
