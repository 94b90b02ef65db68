import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../finding.ts';
import { findWeakness, SECRET_RULES, type SecretRule } from './secret-rules.ts';

const ALERTMANAGER_FILE = /\/etc\/alertmanager\/secrets\/([\w.-]+)/g;
const OTHERS_READ = 0o004;
const OTHERS_ENTER = 0o001;

/**
 * The secrets of production as files: there, strong, each of its own, and readable in the containers that get them, whose
 * users are not the owner. Values are never told.
 * @param folder `CALLSPAN_SECRETS_DIR`
 * @param alertmanagerConfig text of alertmanager.generated.yaml, which names the secrets of the channels that are on
 */
export function checkStackSecrets(folder: string, alertmanagerConfig: string): readonly Finding[] {
  const values = new Map<string, string>();
  const channels = [...new Set([...alertmanagerConfig.matchAll(ALERTMANAGER_FILE)].map(([, name = '']) => name))];
  return [
    ...checkFolder(folder),
    ...SECRET_RULES.map((rule) => checkOne(folder, rule, values)),
    ...channels.map((name) => checkChannel(join(folder, 'alertmanager', name))),
    ...(channels.length > 0 ? checkChannelFolder(join(folder, 'alertmanager')) : []),
    ...checkAddresses(alertmanagerConfig),
  ];
}

/** @param values of the secrets that were looked at before, by value */
function checkOne(folder: string, rule: SecretRule, values: Map<string, string>): Finding {
  const where = join(folder, rule.name);
  const read = readSecret(where);
  if ('wrong' in read) return { ...read.wrong, wayOut: read.wrong.wayOut || `${rule.source}, into this file` };
  const weakness = findWeakness(read.value, rule);
  if (weakness)
    return {
      id: 'stack.secret.strength',
      level: 'error',
      what: `${rule.name} ${weakness}`,
      where,
      wayOut: rule.source,
    };
  const twin = values.get(read.value);
  values.set(read.value, rule.name);
  if (twin !== undefined) {
    const what = `${rule.name} has the value of ${twin}: who learns one knows both`;
    return { id: 'stack.secret.own', level: 'error', what, where, wayOut: rule.source };
  }
  return { id: 'stack.secret.strength', level: 'ok', what: `${rule.name} is there and strong`, where, wayOut: '' };
}

type Read = { readonly value: string } | { readonly wrong: Finding };

function readSecret(file: string): Read {
  try {
    const { mode } = statSync(file);
    const value = readFileSync(file, 'utf8');
    if ((mode & OTHERS_READ) !== 0) return { value };
    const what = 'users of the containers cannot read it: a secret of Compose keeps the mode of its file';
    return {
      wrong: refuse('stack.secret.readable', what, file, `chmod 0444 ${file}; its folder stays closed to others`),
    };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const what = code === 'ENOENT' ? 'is missing' : `cannot be read (${code ?? 'no reason given'})`;
    return { wrong: refuse('stack.secret.present', what, file, '') };
  }
}

function checkChannel(file: string): Finding {
  const read = readSecret(file);
  if ('value' in read && read.value.trim() !== '')
    return { id: 'stack.secret.channel', level: 'ok', what: 'is there', where: file, wayOut: '' };
  const wayOut =
    'put the value of the channel there, or name the channel in no role of collector/alertmanager/receivers.yaml';
  if ('value' in read) return refuse('stack.secret.channel', 'is empty', file, wayOut);
  return { ...read.wrong, wayOut: read.wrong.wayOut || wayOut };
}

function checkChannelFolder(folder: string): readonly Finding[] {
  const mode = modeOf(folder);
  if (mode === undefined || (mode & (OTHERS_READ | OTHERS_ENTER)) === (OTHERS_READ | OTHERS_ENTER)) return [];
  return [refuse('stack.secret.readable', 'Alertmanager cannot enter it', folder, `chmod 0755 ${folder}`)];
}

function checkFolder(folder: string): readonly Finding[] {
  const mode = modeOf(folder);
  const finding = { id: 'stack.secret.folder', where: folder };
  if (mode === undefined) {
    return [
      {
        ...finding,
        level: 'error',
        what: 'is not there',
        wayOut:
          'make it and what it holds (docs/production.md, Secrets), or set CALLSPAN_SECRETS_DIR to where they are',
      },
    ];
  }
  if ((mode & 0o077) === 0) return [{ ...finding, level: 'ok', what: 'only its owner enters', wayOut: '' }];
  const what = 'others on this machine may enter, and read what is in it';
  return [{ ...finding, level: 'error', what, wayOut: `chmod 0700 ${folder}` }];
}

/** Addresses that nobody has (RFC 2606), as the files come with them: what is sent there is read by nobody. */
function checkAddresses(alertmanagerConfig: string): readonly Finding[] {
  const examples = alertmanagerConfig.match(/[\w.@-]+@example\.(?:com|net|org)\b/g) ?? [];
  if (examples.length === 0) return [];
  return [
    {
      id: 'stack.channel.address',
      level: 'warning',
      what: `alarms go to ${[...new Set(examples)].join(', ')}, which nobody reads`,
      where: 'collector/alertmanager/receivers.yaml',
      wayOut: 'write your own addresses, or name the channel in no role; then npm run generate',
    },
  ];
}

function modeOf(path: string): number | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.mode;
  } catch {
    // In a folder that is closed to us: told of each file in it.
    return undefined;
  }
}

function refuse(id: string, what: string, where: string, wayOut: string): Finding {
  return { id, level: 'error', what, where, wayOut };
}
