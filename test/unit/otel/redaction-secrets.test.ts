import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRedactionConfig } from '../../../otel/src/redaction/config.ts';
import { kindOfKey } from '../../../otel/src/redaction/keys.ts';
import { createRedactor } from '../../../otel/src/redaction/redactor.ts';

const folder = mkdtempSync(join(tmpdir(), 'callspan-secrets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const redactorOf = (env: NodeJS.ProcessEnv) =>
  createRedactor(
    readRedactionConfig((name) => kindOfKey(name).kind === 'secret', { CALLSPAN_CAPTURE: 'full', ...env }),
  );

test.each([
  ['DB_PASS', 'correct horse'],
  ['PGPASSWORD', 'correct horse'],
  ['OPENAI_KEY', 'correct horse'],
  ['CLIENTSECRET', 'correct horse'],
  ['ACCESSTOKEN', 'correct horse'],
  ['DATABASE_URL', 'postgres://bot:correct%20horse@db/calls'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'x-team=voice,authorization=Bearer%20correct-horse'],
])('the secret in the variable %s is taken out of every text', (name, value) => {
  const { text } = redactorOf({ [name]: value });
  expect(text('said correct horse, or correct-horse')).toContain('<secret>');
});

test.each([
  ['as JSON', 'he"said\\so-long', (secret: string) => JSON.stringify({ q: secret }).slice(6, -2)],
  ['in an address', 'alpha beta/gamma', encodeURIComponent],
  ['in a form', 'alpha beta gamma', (secret: string) => secret.replaceAll(' ', '+')],
  ['without the line feed of its file', 'alpha-beta-gamma\n', (secret: string) => secret.trim()],
])('a secret is found %s', (_, secret, write) => {
  expect(redactorOf({ BOT_SECRET: secret }).text(`in ${write(secret)} out`)).toBe('in <secret> out');
});

test('a secret that a file holds is found; a file that cannot be read is none', () => {
  const file = join(folder, 'key');
  writeFileSync(file, 'correct-horse-battery\n');
  const { text } = redactorOf({ TWILIO_AUTH_TOKEN_FILE: file, DB_PASS_FILE: join(folder, 'none'), CA_FILE: file });
  expect(text('with correct-horse-battery')).toBe('with <secret>');
});

test.each([
  ['COOKIE_DOMAIN', 'bot.example.com'],
  ['TOKEN_ENDPOINT', 'https://bot.example.com/token'],
  ['JWT_ISSUER', 'https://bot.example.com/'],
  ['SESSION_COOKIE_NAME', 'connect.session'],
  ['AWS_SECRET_ARN', 'arn:aws:secretsmanager:eu'],
  ['GOOGLE_APPLICATION_CREDENTIALS', '/etc/google/account.json'],
])('%s is a setting, and no secret', (name, value) => {
  const line = `listening as ${value}`;
  expect(redactorOf({ [name]: value }).text(line)).toBe(line);
});

test('at full, too, secrets in a list of an attribute are taken out', () => {
  const { attributes } = redactorOf({ BOT_SECRET: 'alpha-beta-gamma' });
  const given = { seen: ['Bearer abcdefgh12345', 'password=hunter22', 'alpha-beta-gamma', 'a@b.fr'] };
  expect(attributes(given)).toEqual({ seen: ['Bearer <secret>', 'password=<secret>', '<secret>', 'a@b.fr'] });
});
