import { readFileSync } from 'node:fs';
import { wrongOption } from './check-options.ts';

/**
 * The environment with each of `names` taken from the file that `NAME_FILE` names, where `NAME` itself is not set or empty: how
 * containers are given secrets. Space around the value is left out, an empty file counts as not set.
 * @throws TypeError naming the variable, the file and what was expected when it cannot be read
 */
export function readSecretFiles(env: NodeJS.ProcessEnv, names: readonly string[]): NodeJS.ProcessEnv {
  const read: Record<string, string> = {};
  for (const name of names) {
    const file = env[`${name}_FILE`];
    if (env[name] || !file) continue;
    try {
      read[name] = readFileSync(file, 'utf8').trim();
    } catch (cause) {
      throw Object.assign(wrongOption(`${name}_FILE`, file, 'a file that can be read'), { cause });
    }
  }
  return { ...env, ...read };
}
