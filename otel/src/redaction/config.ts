import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { type CaptureLevel, parseCaptureLevel } from '../sdk/config.ts';
import { readSecrets } from './secret-values.ts';

/**
 * What redaction needs: the level, the key of the keyed form of numbers (`CALLSPAN_HMAC_KEY`, or the file that
 * `CALLSPAN_HMAC_KEY_FILE` names), the secrets of the process (see `readSecrets`), and the IP addresses of variables that say where a service is: its operator reads where telemetry goes.
 * @throws Error naming the variable when the level has no meaning or the file cannot be read
 */
export function readRedactionConfig(
  isSecret: (name: string) => boolean,
  env: NodeJS.ProcessEnv = process.env,
): { level: CaptureLevel; hmacKey: string | undefined; secrets: readonly string[]; ownAddresses: readonly string[] } {
  const secrets = readSecrets(isSecret, env);
  const ownAddresses = Object.entries(env).flatMap(([name, value]) =>
    PLACES.test(name) ? addressIn(value ?? '') : [],
  );
  return { level: parseCaptureLevel(env.CALLSPAN_CAPTURE), hmacKey: readHmacKey(env), secrets, ownAddresses };
}

/** Variables that say where a service is. */
const PLACES = /(?:^|_)(?:ENDPOINT|URL|HOST)$/;

function addressIn(value: string): string[] {
  const host = (URL.parse(value)?.hostname || value).replace(/^\[|\]$/g, '');
  return isIP(host) ? [host.toLowerCase()] : [];
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
