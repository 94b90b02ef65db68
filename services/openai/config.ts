import { readSecretFiles } from 'callspan';
import { z } from 'zod';
import { PROFILE_NAMES, type ProfileName } from './domain/latency.ts';
import { isLoopback } from './domain/loopback.ts';

/** How the stand-in runs. */
export type StandinConfig = {
  /** 127.0.0.1 when left out; another one needs `apiKey`. */
  readonly host?: string;
  /** The one key that is taken off loopback; on loopback any is. */
  readonly apiKey?: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The same seed gives the same latencies. */
  readonly seed: number;
  readonly profile: ProfileName;
  /** How many times faster than the wall clock latencies pass. */
  readonly speed: number;
};

const envSchema = z.object({
  STANDIN_HOST: z.string().default('127.0.0.1'),
  OPENAI_API_KEY: z.string().optional(),
  STANDIN_PORT: z.coerce.number('must be a port number').int().min(0).max(65_535).default(3_002),
  STANDIN_SEED: z.coerce.number('must be a whole number').int().default(1),
  STANDIN_PROFILE: z
    .enum(PROFILE_NAMES, { error: () => `must be one of ${PROFILE_NAMES.join(', ')}` })
    .default('healthy'),
  CALLSPAN_SPEED: z.coerce.number('must be a number').min(0.1).default(1),
});

/**
 * Reads `STANDIN_HOST`, `STANDIN_PORT`, `STANDIN_SEED`, `STANDIN_PROFILE`, `CALLSPAN_SPEED`, and `OPENAI_API_KEY` where the host
 * is not loopback; an empty value counts as not set.
 * @throws Error with one line that names the variable and what it must be.
 */
export function readStandinConfig(env: NodeJS.ProcessEnv = process.env): StandinConfig {
  const given = Object.fromEntries(
    Object.entries(readSecretFiles(env, ['OPENAI_API_KEY'])).filter(([, value]) => value !== ''),
  );
  const parsed = envSchema.safeParse(given);
  if (!parsed.success)
    throw new Error(parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; '));
  const { STANDIN_PORT: port, STANDIN_SEED: seed, STANDIN_PROFILE: profile, CALLSPAN_SPEED: speed } = parsed.data;
  const { STANDIN_HOST: host, OPENAI_API_KEY: apiKey } = parsed.data;
  if (isLoopback(host)) return Object.freeze({ host, port, seed, profile, speed });
  if (apiKey === undefined)
    throw new Error(`STANDIN_HOST ${host} is not loopback: set OPENAI_API_KEY, or leave STANDIN_HOST out`);
  return Object.freeze({ host, apiKey, port, seed, profile, speed });
}
