import type { Language } from './ports.ts';

/** Calling codes of countries where callers are greeted in French first. */
const FRENCH_CODES = ['+33', '+32', '+352', '+377', '+590', '+594', '+596', '+262'];
const FRENCH_WORDS = /\b(bonjour|je|oui|non|merci|voudrais|rendez|pour|demain|mardi|lundi|numéro|suis|c'est|une?)\b/gi;
const ENGLISH_WORDS =
  /\b(hello|hi|yes|no|thank|thanks|would|like|appointment|tomorrow|number|the|my|is|need|please|and)\b/gi;

/** The language in which to greet a number (E.164); numbers that say nothing are greeted in `fallback`. */
export function languageOfNumber(number: string, fallback: Language): Language {
  if (!number.startsWith('+')) return fallback;
  return FRENCH_CODES.some((code) => number.startsWith(code)) ? 'fr' : 'en';
}

/** The language of what the caller said, or `current` when the words do not tell. */
export function languageOfText(text: string, current: Language): Language {
  const french = text.match(FRENCH_WORDS)?.length ?? 0;
  const english = text.match(ENGLISH_WORDS)?.length ?? 0;
  if (french === english) return current;
  return french > english ? 'fr' : 'en';
}
