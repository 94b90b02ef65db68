import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How each secret is made when the person gave none; Twilio's account id has Twilio's form. */
const MAKERS: Readonly<Record<string, () => string>> = {
  TWILIO_AUTH_TOKEN: () => randomBytes(16).toString('hex'),
  TWILIO_ACCOUNT_SID: () => `AC${randomBytes(16).toString('hex')}`,
  CALLSPAN_STREAM_SECRET: () => randomBytes(32).toString('base64url'),
  CALLSPAN_HMAC_KEY: () => randomBytes(32).toString('base64url'),
};

/**
 * Makes the data folder (owner only) and, at the first start, the secrets in it (mode 0600). The environment's own values win.
 * @throws Error of one line when the file of an earlier start cannot be used
 */
export function ensureSecrets(dataDir: string): Readonly<Record<string, string>> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = join(dataDir, 'secrets.json');
  const known = existsSync(file) ? readSecrets(file) : {};
  const secrets = { ...known };
  for (const [name, make] of Object.entries(MAKERS)) secrets[name] ??= make();
  if (Object.keys(secrets).length !== Object.keys(known).length) writeSecrets(file, secrets);
  return secrets;
}

function readSecrets(file: string): Record<string, string> {
  const text = readFileSync(file, 'utf8');
  try {
    const read: unknown = JSON.parse(text);
    if (read !== null && typeof read === 'object' && Object.values(read).every((value) => typeof value === 'string')) {
      return read as Record<string, string>;
    }
  } catch {
    // The message of JSON.parse quotes what it read.
  }
  throw new Error(
    `${file} is cut or is no JSON of secrets: put it back from a copy, or delete it and all of them are made anew (callers get other hashes)`,
  );
}

/** By rename: a start that is killed half-way leaves the whole file or none. */
function writeSecrets(file: string, secrets: Readonly<Record<string, string>>): void {
  const made = `${file}.new`;
  // One that a killed start left has the mode that it was made with.
  rmSync(made, { force: true });
  writeFileSync(made, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600, flush: true });
  renameSync(made, file);
}
