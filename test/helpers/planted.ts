/** Personal data and secrets of a person who does not exist, as a caller, a provider or a service may write them. */
export const PLANTED = {
  name: 'Claire Fontaine',
  e164: '+33639981234',
  pairs: '06 39 98 12 34',
  compact: '0639981234',
  dotted: '06.39.98.12.34',
  spoken: 'zéro six trente-neuf quatre-vingt-dix-huit douze trente-quatre',
  email: 'claire.fontaine@courrier-prive.fr',
  card: '4111 1111 1111 1111',
  iban: 'FR76 3000 6000 0112 3456 7890 189',
  ipv4: '203.0.113.77',
  ipv6: '2001:db8:cafe::77',
  token: 'sk-planted-9f8e7d6c5b4a39281706',
  street: '12 rue des Lilas',
} as const;

/** All of it in one line. */
export const ALL_PLANTED = Object.values(PLANTED).join(' / ');

/** How each value is known again, however it is cut and written. */
const TRACES: Readonly<Record<string, RegExp>> = {
  name: /fontaine/i,
  number: /6[\s.+-]?39[\s.+-]?98[\s.+-]?12[\s.+-]?34|trente-neuf/i,
  email: /courrier-prive/i,
  card: /4111[\s+-]?1111/,
  iban: /FR76[\s+-]?3000/i,
  ipv4: /203\.0\.113\.77/,
  ipv6: /db8:cafe/i,
  token: /sk-planted/,
  street: /lilas/i,
};

/** What of the planted values stands in `text`: as it is, URL-encoded or base64; each with what is around it. */
export function findPlanted(text: string): string[] {
  const forms: readonly (readonly [string, string])[] = [
    ['as it is', text],
    [
      'URL-encoded',
      text.replace(/%[0-9A-Fa-f]{2}/g, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16))),
    ],
  ];
  const plain = forms.flatMap(([how, form]) =>
    Object.entries(TRACES).flatMap(([what, pattern]) => {
      const found = pattern.exec(form);
      return found ? [`${what} ${how}: ${form.slice(Math.max(0, found.index - 160), found.index + 60)}`] : [];
    }),
  );
  const encoded = Object.entries(PLANTED).flatMap(([what, value]) => {
    // The length that is a whole number of bytes at each of the three ways to begin: base64 of a part in the middle.
    const inner = Buffer.from(value)
      .toString('base64')
      .slice(0, Math.floor((value.length * 8) / 24) * 4);
    return text.includes(inner) ? [`${what} in base64`] : [];
  });
  return [...new Set([...plain, ...encoded])];
}
