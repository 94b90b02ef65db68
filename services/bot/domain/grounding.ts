import type { Message } from './ports.ts';
import type { Extraction } from './record.ts';

/**
 * Share (0 to 1) of the extracted values whose every word the caller has said: what is below 1 the model added by itself.
 * Undefined when nothing was extracted. Digits count without their spaces.
 */
export function findGroundedRatio(extraction: Extraction, messages: readonly Message[]): number | undefined {
  const said = messages.filter(({ role }) => role === 'user').map(({ content }) => content);
  const words = new Set(wordsOf(said.join(' ')));
  const digits = digitsOf(said.join(' '));
  const { name, subject, place, callbackNumber, wanted } = extraction;
  const values = [name, subject, place, wanted?.words].filter((value) => typeof value === 'string' && value !== '');
  const grounded = values.filter((value) => wordsOf(value ?? '').every((word) => words.has(word)));
  const hasNumber = callbackNumber !== null && callbackNumber !== '';
  const numbers = hasNumber && digits.includes(digitsOf(callbackNumber)) ? 1 : 0;
  const given = values.length + (hasNumber ? 1 : 0);
  return given === 0 ? undefined : (grounded.length + numbers) / given;
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function digitsOf(text: string): string {
  return text.replaceAll(/\D/g, '');
}
