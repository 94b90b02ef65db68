import { join } from 'node:path';
import { readSecretFiles } from 'callspan';
import { z } from 'zod';
import { isLoopbackHost } from './admit.ts';
import type { RetentionPreset } from './domain/keep-within.ts';

/** Where a listener listens, and the token that it asks for (undefined on loopback). Port 0: any free one. */
export type ListenerConfig = { readonly host: string; readonly port: number; readonly token: string | undefined };

/** How the viewer runs. */
export type ViewerConfig = {
  /** Page and APIs. */
  readonly operations: ListenerConfig;
  /** OTLP. */
  readonly telemetry: ListenerConfig;
  readonly storeFile: string;
  readonly retention: RetentionPreset;
};

const port = (standard: string) =>
  z
    .string()
    .regex(/^\d{1,5}$/, 'must be a port number')
    .default(standard)
    .transform(Number)
    .refine((value) => value <= 65_535, 'must be a port number');

const envSchema = z.object({
  VIEWER_HOST: z.string().min(1).default('127.0.0.1'),
  VIEWER_PORT: port('4300'),
  VIEWER_OTLP_PORT: port('4318'),
  CALLSPAN_DATA_DIR: z.string().min(1).default('.callspan'),
  CALLSPAN_RETENTION: z
    .enum(['development', 'staging', 'production'], 'must be development, staging or production')
    .default('development'),
  CALLSPAN_OPERATIONS_TOKEN: z.string().min(1).optional(),
  CALLSPAN_TELEMETRY_TOKEN: z.string().min(1).optional(),
});

const SECRETS = ['CALLSPAN_OPERATIONS_TOKEN', 'CALLSPAN_TELEMETRY_TOKEN'];

/**
 * Reads `VIEWER_HOST` (of both listeners), `VIEWER_PORT`, `VIEWER_OTLP_PORT`, `CALLSPAN_DATA_DIR`, `CALLSPAN_RETENTION`,
 * `CALLSPAN_OPERATIONS_TOKEN`, `CALLSPAN_TELEMETRY_TOKEN`; tokens may come as `NAME_FILE`, an empty value counts as not set.
 * @throws Error with one line that names the variable and what it must be
 */
export function readViewerConfig(env: NodeJS.ProcessEnv = process.env): ViewerConfig {
  const given = Object.fromEntries(Object.entries(readSecretFiles(env, SECRETS)).filter(([, value]) => value !== ''));
  const result = envSchema.safeParse(given);
  if (!result.success) {
    throw new Error(result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; '));
  }
  const { data } = result;
  const host = data.VIEWER_HOST;
  const tokenOf = (name: 'CALLSPAN_OPERATIONS_TOKEN' | 'CALLSPAN_TELEMETRY_TOKEN') => findToken(host, name, data[name]);
  return Object.freeze({
    operations: { host, port: data.VIEWER_PORT, token: tokenOf('CALLSPAN_OPERATIONS_TOKEN') },
    telemetry: { host, port: data.VIEWER_OTLP_PORT, token: tokenOf('CALLSPAN_TELEMETRY_TOKEN') },
    storeFile: join(data.CALLSPAN_DATA_DIR, 'viewer', 'store.db'),
    retention: data.CALLSPAN_RETENTION,
  });
}

function findToken(host: string, tokenName: string, token: string | undefined): string | undefined {
  if (isLoopbackHost(host.includes(':') ? `[${host}]` : host)) return undefined;
  if (token === undefined) {
    throw new Error(`VIEWER_HOST ${host} is not loopback: set ${tokenName}, or leave VIEWER_HOST out`);
  }
  return token;
}
