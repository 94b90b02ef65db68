import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync('docs')
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
];
const pages = PAGES.map((file) => ({ file, text: readFileSync(file, 'utf8') }));

/** What is written as code is no link. */
const withoutCode = (text: string) => text.replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, '');

/** Everything that a pattern's group finds on the pages, with its page. */
function find(
  pattern: RegExp,
  read = (text: string) => text,
): readonly { readonly file: string; readonly found: string }[] {
  return pages.flatMap(({ file, text }) =>
    [...read(text).matchAll(pattern)].map((match) => ({ file, found: match[1] ?? '' })),
  );
}

test('every npm script that a page names exists', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  const named = find(/npm run (?:-s )?([a-z][\w:-]*)/g);
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter(({ found }) => !(found in scripts))).toEqual([]);
});

test.each([
  ['bench', 'bench/main.ts', /npm run (?:-s )?bench -- ([a-z]+)/g],
  ['doctor', 'scripts/doctor/main.ts', /npm run (?:-s )?doctor -- ([a-z]+)/g],
  ['thresholds', 'thresholds/run-command.ts', /npm run (?:-s )?thresholds -- ([a-z]+)/g],
])('every command of npm run %s that a page names exists', (_, source, pattern) => {
  const text = readFileSync(source, 'utf8');
  const named = find(pattern);
  expect(named.length).toBeGreaterThan(1);
  expect(named.filter(({ found }) => !new RegExp(`['\\s]${found}\\b`).test(text))).toEqual([]);
});

test('every file that a page links to exists', () => {
  const linked = find(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g, withoutCode);
  expect(linked.length).toBeGreaterThan(30);
  expect(linked.filter(({ file, found }) => !existsSync(join(dirname(file), found)))).toEqual([]);
});

test('every heading that a page links to exists', () => {
  const linked = find(/\]\((?!https?:)([^)\s]*#[^)\s]+)/g, withoutCode);
  const isThere = ({ file, found }: { file: string; found: string }) => {
    const [path = '', heading = ''] = found.split('#');
    const text = readFileSync(path === '' ? file : join(dirname(file), path), 'utf8');
    const slugs = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w\s-]/g, '')
        .replaceAll(' ', '-'),
    );
    return slugs.includes(heading);
  };
  expect(linked.length).toBeGreaterThan(0);
  expect(linked.filter((link) => !isThere(link))).toEqual([]);
});

test('every path of the project that a page names exists', () => {
  const named = find(
    /`((?:collector|dashboards|docs|otel|scripts|services|thresholds|test|bench|examples)\/[\w./-]*\w)`/g,
  );
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter(({ found }) => !existsSync(found) && !['otel/dist'].includes(found))).toEqual([]);
});
