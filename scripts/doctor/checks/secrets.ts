import { existsSync, readFileSync, statSync } from 'node:fs';
import type { Finding } from '../finding.ts';
import { madeSecretsFile, type Setup } from '../setup.ts';
import { findWeakness, type SecretRule as StackRule } from '../stack/secret-rules.ts';

/** A secret and what it has to look like. */
type SecretRule = Omit<StackRule, 'source'>;

const LONG = { isRight: /^.{32,}$/s, form: '32 characters or more' };
const TOKEN = { isRight: /^.{24,}$/s, form: '24 characters or more' };
const RULES: readonly SecretRule[] = [
  { name: 'CALLSPAN_STREAM_SECRET', ...LONG },
  { name: 'CALLSPAN_HMAC_KEY', ...LONG },
  { name: 'TWILIO_AUTH_TOKEN', isRight: /^[0-9a-f]{32}$/, form: "32 hexadecimal digits, as Twilio's console shows it" },
];
/** Needed off loopback alone; looked at where they are given. */
const OPTIONAL: readonly SecretRule[] = [
  { name: 'CALLSPAN_OPERATIONS_TOKEN', ...TOKEN },
  { name: 'CALLSPAN_TELEMETRY_TOKEN', ...TOKEN },
];
const MAKE_ONE = `node -e "console.log(require('crypto').randomBytes(32).toString('base64url'))"`;
const OTHERS = 0o077;

/** Whether secrets are there, readable by their owner alone and hard to guess. Values are never told. */
export function checkSecrets(setup: Setup): readonly Finding[] {
  return [
    ...RULES.map((rule) => checkSecret(rule, setup) ?? missing(rule.name, setup)),
    ...OPTIONAL.flatMap((rule) => checkSecret(rule, setup) ?? []),
    ...checkModes(setup),
  ];
}

type Found = { readonly value: string; readonly where: string };

function checkSecret(rule: SecretRule, setup: Setup): Finding | undefined {
  let found: Found | undefined;
  try {
    found = findSecret(rule.name, setup);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const where = `${rule.name}_FILE`;
    const what = `the file cannot be read (${code ?? 'no reason given'})`;
    return { id: 'secrets.readable', level: 'error', what, where, wayOut: 'name a file that its user may read' };
  }
  if (!found) return undefined;
  const { value, where } = found;
  const weakness = findWeakness(value, { ...rule, source: '' });
  if (!weakness)
    return { id: 'secrets.strength', level: 'ok', what: `${rule.name} is there and strong`, where, wayOut: '' };
  const level = setup.isProduction ? 'error' : 'warning';
  const wayOut = rule.name.startsWith('TWILIO') ? "copy it from Twilio's console" : `make one: ${MAKE_ONE}`;
  return { id: 'secrets.strength', level, what: `${rule.name} ${weakness}`, where, wayOut };
}

function findSecret(name: string, { given, made, dataDir }: Setup): Found | undefined {
  const value = given[name];
  if (value) return { value, where: name };
  const file = given[`${name}_FILE`];
  if (file) return { value: readFileSync(file, 'utf8').trim(), where: file };
  const own = made[name];
  return own ? { value: own, where: madeSecretsFile(dataDir) } : undefined;
}

function missing(name: string, { isProduction, dataDir }: Setup): Finding {
  const where = name;
  if (!isProduction) {
    const what = `${name} is not there yet: the first npm start makes it in ${madeSecretsFile(dataDir)}`;
    return { id: 'secrets.present', level: 'ok', what, where, wayOut: '' };
  }
  const wayOut = `set ${name}, or ${name}_FILE to a file that holds it; make one: ${MAKE_ONE}`;
  return { id: 'secrets.present', level: 'error', what: `${name} is missing`, where, wayOut };
}

function checkModes({ given, dataDir }: Setup): readonly Finding[] {
  const named = [...RULES, ...OPTIONAL].flatMap(({ name }) => given[`${name}_FILE`] ?? []);
  const files = [madeSecretsFile(dataDir), '.env', ...named].filter((file) => existsSync(file));
  if (process.platform === 'win32') return [];
  return files.map((file): Finding => {
    const mode = statSync(file).mode & 0o777;
    const finding = { id: 'secrets.mode', where: file };
    const shown = mode.toString(8).padStart(4, '0');
    if ((mode & OTHERS) === 0) return { ...finding, level: 'ok', what: `mode ${shown}: its owner alone`, wayOut: '' };
    const what = `mode ${shown}: others on this machine may read or change it`;
    return { ...finding, level: 'warning', what, wayOut: `chmod 600 ${file}` };
  });
}
