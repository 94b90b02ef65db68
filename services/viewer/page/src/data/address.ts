import { FILTER_KEYS } from '../model/call-filter.ts';

/** What the address bar asks for on every view: the language, and the filter that the list has when one goes back to it. */
const KEPT = ['lang', ...FILTER_KEYS];

/**
 * A path of the page that keeps the language and the filter of the present address.
 * @param search the present `location.search`
 * @param query what is added; an empty text takes it away
 */
export function toAddress(path: string, search: string, query: Readonly<Record<string, string>> = {}): string {
  const present = new URLSearchParams(search);
  const kept = new URLSearchParams([...present].filter(([key]) => KEPT.includes(key)));
  for (const [key, value] of Object.entries(query)) {
    if (value === '') kept.delete(key);
    else kept.set(key, value);
  }
  return kept.size === 0 ? path : `${path}?${kept}`;
}

/** The list of all calls: the present address without its filter. */
export function toAllCalls(search: string): string {
  return toAddress('/', search, Object.fromEntries(FILTER_KEYS.map((key) => [key, ''])));
}
