import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkStackSecrets } from '../../../scripts/doctor/stack/check-secrets.ts';
import { findWeakness, SECRET_RULES } from '../../../scripts/doctor/stack/secret-rules.ts';
import { writeSecret, writeStrongSecrets } from '../../helpers/stack-secrets.ts';

const ALERTMANAGER = readFileSync('collector/alertmanager/alertmanager.generated.yaml', 'utf8');
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-secrets-'));
  writeStrongSecrets(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const errors = (config = ALERTMANAGER) => checkStackSecrets(folder, config).filter(({ level }) => level === 'error');
const replace = (name: string, value: string) => {
  rmSync(join(folder, name));
  writeSecret(join(folder, name), value);
};

test('strong secrets, each of its own and closed to others, are let through', () => {
  expect(errors()).toEqual([]);
});

test('addresses that the files came with are told: alarms sent there are read by nobody', () => {
  const warnings = (config: string) => checkStackSecrets(folder, config).filter(({ level }) => level === 'warning');
  expect(warnings(ALERTMANAGER)).toMatchObject([
    { id: 'stack.channel.address', what: expect.stringContaining('alarms@example.com') },
  ]);
  expect(warnings(ALERTMANAGER.replaceAll('example.com', 'callspan.dev'))).toEqual([]);
});

test.each([
  ['', 'is empty'],
  ['Grafana1', 'is a word that everybody tries first'],
  ['change-me-0123456789-0123456789', 'is a word that everybody tries first'],
  ['0123456789abcdef', 'is too short or of another form: expected 20 characters or more, no space'],
  ['aaaaaaaaaaaaaaaaaaaabbbbbbbbbb', 'repeats a few characters'],
  ['0123456789abcdef0123456789abcdef\n', 'ends with a newline or space, which some engines take for a part of it'],
])('the password %j is refused: it %s', (value, reason) => {
  replace('grafana_admin_password', value);
  expect(errors()).toMatchObject([
    { what: `grafana_admin_password ${reason}`, where: join(folder, 'grafana_admin_password') },
  ]);
  expect(errors()[0]?.wayOut).toContain('openssl rand -hex 32');
});

test('every fixed word of development is refused under its own name and under every other', () => {
  const development = 'collector/compose/development-secrets';
  for (const name of readdirSync(development)) {
    const value = readFileSync(join(development, name), 'utf8');
    for (const rule of SECRET_RULES)
      expect([name, rule.name, findWeakness(value, rule)]).toEqual([name, rule.name, expect.any(String)]);
  }
});

test('a missing secret is refused with its file, and what to put there', () => {
  rmSync(join(folder, 'postgres_password'));
  expect(errors()).toMatchObject([
    { id: 'stack.secret.present', where: join(folder, 'postgres_password'), what: 'is missing' },
  ]);
  expect(errors()[0]?.wayOut).toBe('make one: openssl rand -hex 32 | tr -d "\\n", into this file');
});

test('one value for two secrets is refused, and no message holds a value', () => {
  const value = readFileSync(join(folder, 'callspan_hmac_key'), 'utf8');
  replace('grafana_secret_key', value);
  expect(errors()).toMatchObject([
    { what: 'grafana_secret_key has the value of callspan_hmac_key: who learns one knows both' },
  ]);
  expect(JSON.stringify(checkStackSecrets(folder, ALERTMANAGER))).not.toContain(value);
});

test('a file that the users of the containers cannot read, and a folder that others enter, are refused', () => {
  chmodSync(join(folder, 'openai_api_key'), 0o400);
  chmodSync(join(folder, 'alertmanager'), 0o700);
  chmodSync(folder, 0o755);
  expect(errors().map(({ wayOut }) => wayOut)).toEqual([
    `chmod 0700 ${folder}`,
    `chmod 0444 ${join(folder, 'openai_api_key')}; its folder stays closed to others`,
    `chmod 0755 ${join(folder, 'alertmanager')}`,
  ]);
});

test('of the channels those need a secret that are on', () => {
  rmSync(join(folder, 'alertmanager', 'slack-url'));
  expect(errors()).toMatchObject([{ where: join(folder, 'alertmanager', 'slack-url') }]);
  expect(errors(ALERTMANAGER.replaceAll('/etc/alertmanager/secrets/slack-url', ''))).toEqual([]);
  replace('alertmanager/email-password', ' ');
  expect(errors().map(({ what }) => what)).toContain('is empty');
});

test('the container that goes before all others ends with 1 and names the file, with 0 when all is well', async () => {
  const run = () =>
    promisify(execFile)(process.execPath, ['--conditions=source', 'scripts/doctor/stack/secrets-command.ts'], {
      env: { ...process.env, CALLSPAN_SECRETS_DIR: folder },
    });
  await expect(run()).resolves.toMatchObject({ stdout: expect.stringContaining('as they should be') });
  rmSync(join(folder, 'callspan_hmac_key'));
  await expect(run()).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`${join(folder, 'callspan_hmac_key')} is missing`),
  });
});
