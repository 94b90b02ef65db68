import { readFileSync, statSync } from 'node:fs';

const MAX_FILE_BYTES = 4096;

/** The shell's own: "pwd" is a folder here, and every stack has it. */
const FOLDERS = new Set(['PWD', 'OLDPWD']);
/** Names of variables alone: as keys of attributes these words say too little. */
const VARIABLE_OF_SECRET = /(?:PASSWORD|PASSWD|_PASS|SECRET|TOKENS?|_KEYS?)$/i;
/** Where something is, what it is called, who gave it: settings of a secret, none themselves. */
const SETTING =
  /_(?:URL|URI|ENDPOINT|HOST|PORT|DOMAIN|NAME|ISSUER|AUDIENCE|ARN|PATH|DIR|FILE|FOLDER|SID|ID|TTL|ALGORITHM|TYPE|HEADER|PREFIX)$/i;
/** Headers of OTLP: `name=value`, comma between, percent-encoded. */
const HEADERS = /^OTEL_EXPORTER_OTLP_(?:[A-Z]+_)?HEADERS$/;
const USER_INFO = /^[a-z][\w+.-]*:\/\/(?:[^\s:/?#]*:)?([^\s/?#]+)@/i;

/**
 * The secrets among the variables of a process, in every form in which a text may hold them, longest first: values of
 * variables that are named like secrets (`isSecret`, or a password, token or key by their last word), what their `_FILE`
 * holds, passwords in addresses, OTLP headers. Files that cannot be read are nobody's secret here.
 */
export function readSecrets(isSecret: (name: string) => boolean, env: NodeJS.ProcessEnv): readonly string[] {
  const found = new Set<string>();
  for (const [name, value] of Object.entries(env)) {
    if (!value || FOLDERS.has(name)) continue;
    for (const secret of secretsIn(name, value, isSecret)) for (const form of formsOf(secret)) found.add(form);
  }
  return [...found].sort((one, other) => other.length - one.length);
}

function secretsIn(name: string, value: string, isSecret: (name: string) => boolean): readonly string[] {
  const named = (variable: string) => isSecret(variable) || VARIABLE_OF_SECRET.test(variable);
  if (HEADERS.test(name))
    return value.split(',').map(
      (pair) =>
        decode(pair.slice(pair.indexOf('=') + 1))
          .split(' ')
          .at(-1) ?? '',
    );
  if (name.endsWith('_FILE')) return named(name.slice(0, -'_FILE'.length)) ? readSecretFile(value) : [];
  const password = USER_INFO.exec(value)?.[1];
  if (password) return [password, decode(password)];
  return named(name) && !SETTING.test(name) && !value.startsWith('/') ? [value] : [];
}

function readSecretFile(path: string): readonly string[] {
  try {
    return statSync(path).size > MAX_FILE_BYTES ? [] : [readFileSync(path, 'utf8')];
  } catch {
    return [];
  }
}

/** As it is, without what an editor left around it, in a JSON text, in an address, in a form. */
function formsOf(secret: string): readonly string[] {
  const bare = secret.trim();
  const encoded = encodeURIComponent(bare.toWellFormed());
  return [bare, JSON.stringify(bare).slice(1, -1), encoded, encoded.replaceAll('%20', '+')];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text).trim();
  } catch {
    return text.trim();
  }
}
