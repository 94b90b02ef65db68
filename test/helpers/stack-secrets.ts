import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SECRET_RULES } from '../../scripts/doctor/stack/secret-rules.ts';

/** The channels that the shipped receivers.yaml has on. */
export const CHANNEL_SECRETS = ['pagerduty-routing-key', 'slack-url', 'email-password', 'dead-mans-switch-url'];

/** A folder of secrets with which production starts; each value of its own. */
export function writeStrongSecrets(folder: string): void {
  mkdirSync(join(folder, 'alertmanager'), { recursive: true });
  for (const [index, { name }] of SECRET_RULES.entries()) {
    const hex = Array.from({ length: 32 }, (_, at) => ((at * 7 + index * 5) % 16).toString(16)).join('');
    writeSecret(join(folder, name), name === 'twilio_account_sid' ? `AC${hex}` : hex);
  }
  for (const name of CHANNEL_SECRETS) writeSecret(join(folder, 'alertmanager', name), 'as the vendor gave it\n');
  chmodSync(join(folder, 'alertmanager'), 0o755);
  chmodSync(folder, 0o700);
}

/** Readable by whoever gets into the folder. */
export function writeSecret(file: string, value: string, mode = 0o444): void {
  writeFileSync(file, value);
  chmodSync(file, mode);
}
