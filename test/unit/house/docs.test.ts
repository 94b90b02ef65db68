import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const errors = readFileSync('docs/errors.md', 'utf8');

/** Codes of the table under a heading of docs/errors.md. */
function documented(heading: string): string[] {
  const section = errors.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\| `([a-z_]+)` \|/gm)].map((match) => match[1] ?? '').sort();
}

/** Members of a union of string literals in a source file. */
function union(file: string, type: string): string[] {
  const source = readFileSync(file, 'utf8');
  const body = new RegExp(`type ${type} =([^;]+);`).exec(source)?.[1] ?? '';
  return [...body.matchAll(/'([a-z_]+)'/g)].map((match) => match[1] ?? '').sort();
}

test.each([
  ['Provider errors of the bot', 'services/bot/domain/errors.ts', 'ProviderErrorCode', []],
  [
    'Refused media streams',
    'services/bot/adapters/twilio/stream-token.ts',
    'TokenRefusal',
    ['already_streaming', 'media_format', 'no_start'],
  ],
  ['Records API', 'services/records/domain/errors.ts', 'RecordsErrorCode', []],
  ['Viewer', 'services/viewer/domain/errors.ts', 'ViewerErrorCode', []],
])('docs/errors.md lists the codes of "%s" as they are in %s', (heading, file, type, more) => {
  expect(union(file, type).length).toBeGreaterThan(3);
  expect(documented(heading)).toEqual([...union(file, type), ...more].sort());
});

test('.env.example lists every variable that a configuration reads, and no other', () => {
  const example = readFileSync('.env.example', 'utf8');
  const listed = [...example.matchAll(/^#([A-Z][A-Z0-9_]+)=/gm)].map((match) => match[1] ?? '');
  const sources = ['otel/src', 'services', 'test/helpers', 'thresholds']
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)))
    .filter((file) => /(config|environment|browser|start|service-name)\.ts$/.test(file) && !file.includes('/page/'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  const read = new Set(
    [
      ...sources.matchAll(
        /\b((?:BOT|CALLSPAN|OTEL|RECORDS|STANDIN|TWILIO|VIEWER|OPENAI|STT|LLM|TTS|LOG|INFLUXDB|CHROMIUM|DATABASE|PUBLIC)_[A-Z_]+|PORT|NODE_ENV|NO_COLOR|FORCE_COLOR)\b/g,
      ),
    ].map((match) => match[1] ?? ''),
  );
  const composed = ['docker-compose.yml', 'docker-compose.prod.yml']
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  for (const [, name = ''] of composed.matchAll(/(?<!\$)\$\{([A-Z][A-Z0-9_]+)/g)) read.add(name);
  // The limits have a variable each, made of their ids.
  const isLimit = (name: string) => name.startsWith('CALLSPAN_THRESHOLD_');
  const constants = new Set([...sources.matchAll(/const ([A-Z][A-Z0-9_]+)/g)].map((match) => match[1] ?? ''));
  expect(
    [...read]
      .filter(
        (name) =>
          !isLimit(name) &&
          !listed.includes(name) &&
          !listed.includes(name.replace(/_FILE$/, '')) &&
          !constants.has(name),
      )
      .sort(),
  ).toEqual([]);
  expect(listed.filter((name) => !read.has(name)).sort()).toEqual([]);
});
