import { readFileSync } from 'node:fs';

const css = readFileSync(new URL('../../../services/viewer/page/src/styles/tokens.css', import.meta.url), 'utf8');
const tokens = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(([, name, light, dark]) => [
    name ?? '',
    { light: light ?? '', dark: dark ?? '' },
  ]),
);

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(name: string, ground: string, scheme: 'light' | 'dark'): number {
  const of = (token: string) => luminance(tokens.get(token)?.[scheme] ?? '#ff00ff');
  const [low = 0, high = 0] = [of(name), of(ground)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const colours = [...tokens.keys()].filter((name) => name.startsWith('c-'));
const grounds = ['ground', 'ground-raised', 'ground-selected'];

describe.each(['light', 'dark'] as const)('in the %s scheme', (scheme) => {
  test('every stage has a colour of its own', () => {
    expect(colours.length).toBeGreaterThanOrEqual(16);
    expect(new Set(colours.map((name) => tokens.get(name)?.[scheme])).size).toBe(colours.length);
  });

  test.each(colours)('%s stands out from every ground by 3:1', (name) => {
    for (const ground of grounds) expect(contrast(name, ground, scheme)).toBeGreaterThanOrEqual(3);
  });

  test.each(['text', 'text-dim', 'link', 'error', 'wait-text'])('%s is readable on every ground by 4.5:1', (name) => {
    for (const ground of grounds) expect(contrast(name, ground, scheme)).toBeGreaterThanOrEqual(4.5);
  });
});
