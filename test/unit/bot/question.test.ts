import { replyMessages } from '../../../services/bot/domain/prompt.ts';
import { findBusinessQuestion } from '../../../services/bot/domain/question.ts';

test.each([
  ['en', 'What are your opening hours?'],
  ['en', 'how much does a visit cost'],
  ['en', 'Where are you located?'],
  ['en', 'Can I park my van there?'],
  ['en', 'What should I bring?'],
  ['fr', 'Quels sont vos horaires ?'],
  ['fr', 'vous ouvrez à quelle heure le samedi'],
  ['fr', 'Combien coûte un déplacement ?'],
  ['fr', 'Où êtes-vous situés ?'],
  ['fr', 'Est-ce que je peux me garer ?'],
  ['fr', "Qu'est-ce que je dois apporter ?"],
] as const)('(%s) "%s" is about the business', (language, text) => {
  expect(findBusinessQuestion(text, language)).toBe(text);
});

test.each([
  ['en', "Could I come on Tuesday at ten o'clock?"],
  ['en', 'I need an appointment for a leaking tap.'],
  ['en', 'My address is 12 Baker Street in London.'],
  ['fr', 'Est-ce que mardi à dix heures est possible ?'],
  ['fr', "J'habite au 12 rue des Lilas, le parking est complet."],
  ['fr', ''],
  ['en', '" OR * NEAR( 🙂'],
] as const)('(%s) "%s" is not', (language, text) => {
  expect(findBusinessQuestion(text, language)).toBeNull();
});

test('of several sentences those that ask are looked up', () => {
  expect(findBusinessQuestion('My name is John Smith. How much is a visit? Tuesday is fine.', 'en')).toBe(
    'How much is a visit?',
  );
});

const context = { businessName: 'x', language: 'fr', now: 0, timeZone: 'Etc/UTC' } as const;
const history = [{ role: 'user', content: 'Combien ?' }] as const;

test('what was retrieved is a system message of its own, one passage a line', () => {
  const passages = [
    { source: 'a', text: 'Soixante\n euros.' },
    { source: 'b', text: 'Gratuit.' },
  ];
  const messages = replyMessages(context, history, passages);
  expect(messages.slice(1)).toEqual([
    { role: 'system', content: 'Context:\nSoixante euros.\nGratuit.' },
    { role: 'user', content: 'Combien ?' },
  ]);
});

test('with nothing retrieved there is no such message', () => {
  expect(replyMessages(context, history, [])).toHaveLength(2);
});
