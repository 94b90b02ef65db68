import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How each secret is made when the person gave none; Twilio's account id has Twilio's form. */
const MAKERS: Readonly<Record<string, () => string>> = {
  TWILIO_AUTH_TOKEN: () => randomBytes(16).toString('hex'),
  TWILIO_ACCOUNT_SID: () => `AC${randomBytes(16).toString('hex')}`,
  CALLSPAN_STREAM_SECRET: () => randomBytes(32).toString('base64url'),
  CALLSPAN_HMAC_KEY: () => randomBytes(32).toString('base64url'),
};

/** Makes the data folder (owner only) and, at the first start, the secrets in it (mode 0600). The environment's own values win. */
export function ensureSecrets(dataDir: string): Readonly<Record<string, string>> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = join(dataDir, 'secrets.json');
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>) : {};
  const secrets = { ...known };
  for (const [name, make] of Object.entries(MAKERS)) secrets[name] ??= make();
  if (Object.keys(secrets).length !== Object.keys(known).length) {
    writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
    chmodSync(file, 0o600);
  }
  return secrets;
}
