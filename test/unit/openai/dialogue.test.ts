import { followConversation } from '../../../services/openai/domain/dialogue/conversation.ts';
import { parsePrompt } from '../../../services/openai/domain/dialogue/prompt.ts';
import { decideReply } from '../../../services/openai/domain/dialogue/reply.ts';
import { ENGLISH_CALL, FRENCH_CALL, linesOf, systemPrompt, talk } from '../../helpers/openai-conversations.ts';

const FRENCH_READ_BACK =
  "Je récapitule : Claire Fontaine, une fuite d'eau, mardi à dix heures, 12 rue des Lilas à Lyon, 06 39 98 12 34. C'est bien cela ?";
const ENGLISH_READ_BACK =
  'Let me check: John Smith, a leaking tap, next Tuesday at ten, 12 Baker Street in London, 07700 900123. Is that right?';

test('a French caller is asked for what is missing, hears everything read back and confirms', () => {
  expect(talk('fr', [...FRENCH_CALL, "Oui, c'est exact."]).replies).toEqual([
    'À quelle adresse, et à quel numéro peut-on vous rappeler ?',
    FRENCH_READ_BACK,
    '=> save_record',
  ]);
});

test('an English caller is asked for what is missing, hears everything read back and confirms', () => {
  expect(talk('en', [...ENGLISH_CALL, "Yes, that's right."]).replies).toEqual([
    'At what address, and on what number can we call you back?',
    ENGLISH_READ_BACK,
    '=> save_record',
  ]);
});

test('without the tool save_record a confirmation is answered with thanks', () => {
  expect(talk('fr', [...FRENCH_CALL, 'Oui.'], []).replies.at(-1)).toBe("C'est noté, merci et au revoir.");
});

test('the language that the caller speaks wins over the hint of the prompt', () => {
  expect(talk('fr', ENGLISH_CALL).replies.at(-1)).toBe(ENGLISH_READ_BACK);
  expect(talk('en', FRENCH_CALL).replies.at(-1)).toBe(FRENCH_READ_BACK);
});

test('a correction of the day keeps the hour and is read back again before it counts as confirmed', () => {
  const { replies, end } = talk('fr', [...FRENCH_CALL, 'Non, plutôt mercredi.', 'Oui.']);
  expect(replies[2]).toBe(FRENCH_READ_BACK.replace('mardi', 'mercredi'));
  expect(replies[3]).toBe('=> save_record');
  expect([...end.confirmed].sort()).toEqual(['callbackNumber', 'name', 'place', 'subject', 'wanted']);
});

test('a yes that brings a change is no confirmation', () => {
  const { replies } = talk('en', [...ENGLISH_CALL, 'Yes, but at eleven please.']);
  expect(replies.at(-1)).toBe(ENGLISH_READ_BACK.replace('at ten', 'at eleven'));
});

test('a bare no asks what is wrong, and the answer replaces what was known', () => {
  const { replies } = talk('fr', [...FRENCH_CALL, 'Non.', "C'est pour une chaudière en panne."]);
  expect(replies[2]).toBe('Que dois-je corriger ?');
  expect(replies[3]).toBe(FRENCH_READ_BACK.replace("une fuite d'eau", 'une chaudière en panne'));
});

test('bare answers count for the fields that were asked for', () => {
  const { replies, end } = talk('fr', [
    'Bonjour.',
    'Dupont, une chaudière en panne',
    'demain à 14h30',
    'Lyon, place Bellecour',
    'zéro six trente-neuf quatre-vingt-dix-huit douze trente-quatre',
  ]);
  expect(replies.slice(0, 4)).toEqual([
    'À quel nom, et pour quel motif ?',
    'Quel jour et à quelle heure, et à quelle adresse ?',
    'À quelle adresse, et à quel numéro peut-on vous rappeler ?',
    'À quel numéro peut-on vous rappeler ?',
  ]);
  expect(end.values).toEqual({
    name: 'Dupont',
    subject: 'une chaudière en panne',
    place: 'Lyon, place Bellecour',
    callbackNumber: '06 39 98 12 34',
  });
});

test('silence, an unclear sentence, a business question and a request to repeat each get a short answer that goes on', () => {
  const { replies } = talk('en', ['', 'Hello', 'Let me think about it', 'How much is it?', 'Could you repeat that?']);
  expect(replies).toEqual([
    'Sorry, I heard nothing, could you say that again?',
    'Under what name, and for what reason?',
    'I did not quite get that. Under what name, and for what reason?',
    'I do not know that. Under what name, and for what reason?',
    'I do not know that. Under what name, and for what reason?',
  ]);
});

test('a wish for a person calls the tool transfer where there is one, else it is declined', () => {
  expect(talk('fr', ['Je voudrais parler à quelqu’un']).replies).toEqual(['=> transfer']);
  expect(talk('en', ['I want to speak to a human'], []).replies).toEqual([
    'I cannot put you through to anybody. Under what name, and for what reason?',
  ]);
});

test('a day without an hour is asked for the hour, and accepted after the second question', () => {
  const says = ["Je m'appelle Paul Martin, c'est pour un devis, 4 rue de la Paix à Paris, 01 99 00 12 34, jeudi"];
  expect(talk('fr', says).replies).toEqual(['À quelle heure ?']);
  expect(talk('fr', [...says, 'Euh, je ne sais pas encore', 'Vraiment je ne sais pas']).replies.at(-1)).toMatch(
    /^Je récapitule : Paul Martin, un devis, jeudi, /u,
  );
});

test('a read-back never exceeds 150 characters', () => {
  const { replies } = talk('en', [
    'My name is Bartholomew Featherstonehaugh, I need an appointment for a very old and very loud washing machine that shakes the whole house next Tuesday at half past ten.',
    'At 1234 Upper Thames Valley Road in Kingston, my number is 07700 900123.',
  ]);
  expect(replies.at(-1)).toMatch(/^Let me check: .* Is that right\?$/u);
  expect(replies.at(-1)?.length).toBeLessThanOrEqual(150);
});

test('after a confirmed record a goodbye is answered, not read back again', () => {
  expect(talk('en', [...ENGLISH_CALL, 'Yes.', 'Thank you, bye.']).replies.at(-1)).toBe(
    'Thank you for your call, goodbye.',
  );
});

test('a question stays in force while the assistant only asks to say it again', () => {
  const again = 'Sorry, one moment of trouble. Could you say that again?';
  const prompt = parsePrompt(systemPrompt('en'));
  const lines = linesOf('en', ENGLISH_CALL);
  const end = followConversation(
    [...lines, { role: 'assistant', text: again }, { role: 'user', text: 'Yes.' }],
    prompt,
  );
  expect(decideReply(end, prompt, new Set(['save_record']))).toEqual({ kind: 'call', tool: 'save_record' });
});

test('of a read-back that was interrupted what was heard still counts as one', () => {
  const prompt = parsePrompt(systemPrompt('fr'));
  const lines = linesOf('fr', FRENCH_CALL).slice(0, -1);
  const heard = { role: 'assistant', text: 'Je récapitule : Claire Fontaine, une fuite' } as const;
  const end = followConversation([...lines, heard, { role: 'user', text: "Oui, c'est ça." }], prompt);
  expect(end.last?.confirms).toBe(true);
});

test('a bot that asks for no fields hears that it was noted, not an empty read-back', () => {
  const prompt = parsePrompt('You answer the telephone.');
  const end = followConversation([{ role: 'user', text: ENGLISH_CALL[0] ?? '' }], prompt);
  expect(decideReply(end, prompt, new Set())).toEqual({
    kind: 'say',
    text: 'I have noted that. What else can I do for you?',
  });
});
