import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { type CaptureLevel, parseCaptureLevel } from '../sdk/config.ts';
import { readSecrets } from './secret-values.ts';

/** What redaction needs of the environment. */
export type RedactionConfig = {
  readonly level: CaptureLevel;
  readonly hmacKey: string | undefined;
  /** Longest first. */
  readonly secrets: readonly string[];
  readonly ownAddresses: readonly string[];
};

/**
 * The level, the key of the keyed form of numbers (`CALLSPAN_HMAC_KEY`, or the file that `CALLSPAN_HMAC_KEY_FILE` names),
 * the secrets of the process (see `readSecrets`), and the IP addresses of variables that say where a service is: its
 * operator reads where telemetry goes.
 * @throws Error naming the variable when the level has no meaning or the file cannot be read
 */
export function readRedactionConfig(
  isSecret: (name: string) => boolean,
  env: NodeJS.ProcessEnv = process.env,
): RedactionConfig {
  const secrets = readSecrets(isSecret, env);
  const ownAddresses = Object.entries(env).flatMap(([name, value]) =>
    PLACES.test(name) ? addressIn(value ?? '') : [],
  );
  return { level: parseCaptureLevel(env.CALLSPAN_CAPTURE), hmacKey: readHmacKey(env), secrets, ownAddresses };
}

/** What the environment says now, to be held against what it says later. */
export function copyEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return { ...env };
}

/** `before` with what `now` has beside it. The level and what was secret stay: what was kept under them is under way. */
export function addedTo(before: RedactionConfig, now: RedactionConfig): RedactionConfig {
  const secrets = [...new Set([...before.secrets, ...now.secrets])];
  return {
    level: before.level,
    hmacKey: now.hmacKey ?? before.hmacKey,
    secrets: secrets.sort((one, other) => other.length - one.length),
    ownAddresses: [...new Set([...before.ownAddresses, ...now.ownAddresses])],
  };
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
