/** A path of the page that keeps the language which the address bar asks for. @param search the present `location.search` */
export function toAddress(path: string, search: string, query: Readonly<Record<string, string>> = {}): string {
  const lang = new URLSearchParams(search).get('lang');
  const kept = new URLSearchParams(lang === null ? {} : { lang });
  for (const [key, value] of Object.entries(query)) if (value !== '') kept.set(key, value);
  return kept.size === 0 ? path : `${path}?${kept}`;
}
