import { readFileSync } from 'node:fs';
import { type CaptureLevel, parseCaptureLevel } from '../sdk/config.ts';

/**
 * What redaction needs: the level, the key of the keyed form of numbers (`CALLSPAN_HMAC_KEY`, or the file that
 * `CALLSPAN_HMAC_KEY_FILE` names), and the values of all variables whose names are those of secrets, longest first.
 * @throws Error naming the variable when the level has no meaning or the file cannot be read
 */
export function readRedactionConfig(
  isSecret: (name: string) => boolean,
  env: NodeJS.ProcessEnv = process.env,
): { level: CaptureLevel; hmacKey: string | undefined; secrets: readonly string[] } {
  const secrets = Object.entries(env)
    .filter(([name, value]) => value && isSecret(name) && !name.endsWith('_FILE'))
    .map(([, value]) => value as string)
    .sort((one, other) => other.length - one.length);
  return { level: parseCaptureLevel(env.CALLSPAN_CAPTURE), hmacKey: readHmacKey(env), secrets };
}

function readHmacKey(env: NodeJS.ProcessEnv): string | undefined {
  const file = env.CALLSPAN_HMAC_KEY_FILE;
  if (env.CALLSPAN_HMAC_KEY || !file) return env.CALLSPAN_HMAC_KEY || undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new Error(`CALLSPAN_HMAC_KEY_FILE is ${file}; expected a file that can be read`, { cause: error });
  }
}
