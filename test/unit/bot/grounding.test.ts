import { findGroundedRatio } from '../../../services/bot/domain/grounding.ts';
import { GIVEN } from '../../helpers/fake-call.ts';

const said = (...contents: string[]) => contents.map((content) => ({ role: 'user' as const, content }));
const empty = { ...GIVEN, name: null };

test('values whose every word the caller has said are grounded, numbers by their digits', () => {
  const extraction = { ...empty, name: 'Claire Fontaine', callbackNumber: '06 39 98 12 34' };
  const messages = said('Bonjour, Claire Fontaine.', 'Mon numéro : 06-39-98-12-34, merci.');
  expect(findGroundedRatio(extraction, messages)).toBe(1);
});

test('a value that the model made up lowers the share', () => {
  const extraction = { ...empty, name: 'Claire Fontaine', place: 'Paris' };
  expect(findGroundedRatio(extraction, said('Je suis Claire Fontaine.'))).toBe(0.5);
});

test('only what the caller said counts, not what the bot read back', () => {
  const messages = [{ role: 'assistant' as const, content: 'You are Jean?' }, ...said('Yes.')];
  expect(findGroundedRatio(GIVEN, messages)).toBe(0);
});

test('without any value there is no share', () => {
  expect(findGroundedRatio(empty, said('Hello.'))).toBeUndefined();
});
