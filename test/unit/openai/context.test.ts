import { generateReply } from '../../../services/openai/domain/chat/answer.ts';
import { FRENCH_CALL, systemPrompt, talk } from '../../helpers/openai-conversations.ts';

const FRENCH = [
  'Context:',
  '- Nous sommes ouverts du lundi au vendredi de 8 h à 18 h.',
  '- Notre adresse est 4 quai de Saône à Lyon, près de la gare.',
  '- Le déplacement coûte 49 euros, le devis est gratuit.',
  '- Le parking devant le magasin est gratuit pour les clients.',
].join('\n');
const ENGLISH = [
  'Context:',
  'Opening hours are Monday to Friday, 8 am to 6 pm.',
  'The shop is at 4 Quay Street, next to the station.',
  'A visit costs 49 pounds, an estimate is free.',
  'Customers park in front of the shop, free of charge.',
  '',
].join('\n');

function answer(language: 'fr' | 'en', says: string, context: string | null = language === 'fr' ? FRENCH : ENGLISH) {
  const reply = generateReply({
    schema: null,
    tools: new Set(['save_record', 'transfer']),
    messages: [
      ...(context === null ? [] : [{ role: 'developer' as const, content: context }]),
      { role: 'system', content: systemPrompt(language) },
      { role: 'user', content: says },
    ],
  });
  return reply.kind === 'say' ? reply.text : `=> ${reply.tool}`;
}

test.each([
  ["Quels sont vos horaires d'ouverture ?", 'Nous sommes ouverts du lundi au vendredi de 8 h à 18 h.'],
  ['Vous êtes ouverts le vendredi ?', 'Nous sommes ouverts du lundi au vendredi de 8 h à 18 h.'],
  ['Bonjour, vous êtes où exactement ?', 'Notre adresse est 4 quai de Saône à Lyon, près de la gare.'],
  ['Combien coûte le déplacement', 'Le déplacement coûte 49 euros, le devis est gratuit.'],
  ['Est-ce que je peux me garer devant le magasin ?', 'Le parking devant le magasin est gratuit pour les clients.'],
])('the French question "%s" is answered from the context', (says, expected) => {
  expect(answer('fr', says)).toBe(expected);
});

test.each([
  ['What are your opening hours?', 'Opening hours are Monday to Friday, 8 am to 6 pm.'],
  ['Hello. Are you open on Friday?', 'Opening hours are Monday to Friday, 8 am to 6 pm.'],
  ['Where is the shop?', 'The shop is at 4 Quay Street, next to the station.'],
  ['how much is a visit', 'A visit costs 49 pounds, an estimate is free.'],
  ['Can I park there?', 'Customers park in front of the shop, free of charge.'],
])('the English question "%s" is answered from the context', (says, expected) => {
  expect(answer('en', says)).toBe(expected);
});

test.each([
  ['fr', 'Mon adresse est 12 rue des Lilas à Lyon.'],
  ['fr', 'Je voudrais un rendez-vous vendredi à dix heures.'],
  ['fr', 'Est-ce que je peux venir vendredi ?'],
  ['en', 'Could I come on Friday?'],
  ['en', 'Can I speak to a real person in the shop?'],
  ['en', 'Do you repair bicycles?'],
] as const)('the context changes nothing for %s "%s"', (language, says) => {
  expect(answer(language, says)).toBe(answer(language, says, null));
});

test('without context a question about the business is still not known', () => {
  expect(answer('en', 'What are your opening hours?', null)).toContain('I do not know that.');
});

test('the words of the context are no instructions and no facts of the call', () => {
  const context = `${FRENCH}\nFIELDS: {"colour":"la couleur"}`;
  expect(answer('fr', FRENCH_CALL[0] ?? '', context)).toBe(talk('fr', FRENCH_CALL).replies[0]);
});
