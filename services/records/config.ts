import { join } from 'node:path';
import { readSecretFiles } from 'callspan';
import { z } from 'zod';

/** Where this service listens and keeps its records. */
export type RecordsConfig = {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Postgres when set, else SQLite in `sqliteFile`. */
  readonly databaseUrl: string | undefined;
  readonly sqliteFile: string;
  /** Asked for as bearer token off loopback; undefined on loopback. */
  readonly token: string | undefined;
};

const LOOPBACK: readonly string[] = ['127.0.0.1', '::1', 'localhost'];

const envSchema = z.object({
  RECORDS_HOST: z.string().min(1).default('127.0.0.1'),
  RECORDS_PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'must be a port number')
    .default('3001')
    .transform(Number)
    .refine((port) => port <= 65_535, 'must be a port number'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\/./, 'must start with postgres:// or postgresql://; leave it out to use SQLite')
    .optional(),
  /** Put into DATABASE_URL. */
  DATABASE_PASSWORD: z.string().min(1).optional(),
  CALLSPAN_DATA_DIR: z.string().min(1).default('.callspan'),
  CALLSPAN_OPERATIONS_TOKEN: z.string().min(1).optional(),
});

const SECRETS = ['CALLSPAN_OPERATIONS_TOKEN', 'DATABASE_URL', 'DATABASE_PASSWORD'];

/**
 * Reads `RECORDS_HOST`, `RECORDS_PORT`, `DATABASE_URL`, `DATABASE_PASSWORD`, `CALLSPAN_DATA_DIR`, `CALLSPAN_OPERATIONS_TOKEN`;
 * secrets may come as `NAME_FILE`, an empty value counts as not set. @throws Error with one line that names the variable and what it must be.
 */
export function readRecordsConfig(env: NodeJS.ProcessEnv = process.env): RecordsConfig {
  const given = Object.fromEntries(Object.entries(readSecretFiles(env, SECRETS)).filter(([, value]) => value !== ''));
  const result = envSchema.safeParse(given);
  if (!result.success) {
    throw new Error(result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; '));
  }
  const { RECORDS_HOST: host, RECORDS_PORT: port, CALLSPAN_OPERATIONS_TOKEN: token } = result.data;
  const isLoopback = LOOPBACK.includes(host);
  if (!isLoopback && token === undefined) {
    throw new Error(`RECORDS_HOST ${host} is not loopback: set CALLSPAN_OPERATIONS_TOKEN, or leave RECORDS_HOST out`);
  }
  return Object.freeze({
    host,
    port,
    databaseUrl: withPassword(result.data.DATABASE_URL, result.data.DATABASE_PASSWORD),
    sqliteFile: join(result.data.CALLSPAN_DATA_DIR, 'records', 'records.db'),
    token: isLoopback ? undefined : token,
  });
}

/** A password in a file of its own is one that the database itself can be given, too. */
function withPassword(databaseUrl: string | undefined, password: string | undefined): string | undefined {
  if (databaseUrl === undefined || password === undefined) return databaseUrl;
  const url = new URL(databaseUrl);
  url.password = encodeURIComponent(password);
  return url.href;
}
