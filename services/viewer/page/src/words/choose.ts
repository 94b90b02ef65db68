import { en } from './en.ts';
import { fr } from './fr.ts';
import type { Words } from './words.ts';

/** The dictionary that was asked for by `?lang=` or that the browser prefers; English where neither is spoken here. */
export function chooseWords(search: string, preferred: readonly string[]): Words {
  const asked = new URLSearchParams(search).get('lang');
  for (const language of [asked ?? '', ...preferred]) {
    const base = language.toLowerCase().split('-')[0];
    if (base === 'fr') return fr;
    if (base === 'en') return en;
  }
  return en;
}
