import { z } from 'zod';

/** Where backups come from and go to, and where their figures are told. */
export type BackupConfig = {
  /** Holds a folder for each store. */
  readonly from: string;
  readonly to: string;
  /** So many are kept. */
  readonly kept: number;
  /** Shell script that makes one. */
  readonly script: string;
  /** Base address of the Collector's OTLP receiver. */
  readonly otlpUrl: string;
  /** `deployment.environment.name`. */
  readonly environment: string;
};

const schema = z.object({
  CALLSPAN_BACKUP_FROM: z.string().min(1).default('/volumes'),
  CALLSPAN_BACKUP_TO: z.string().min(1).default('/backups'),
  CALLSPAN_BACKUPS_KEPT: z.coerce.number().int().min(1).max(1000).default(7),
  CALLSPAN_BACKUP_SCRIPT: z.string().min(1).default('/callspan/backup.sh'),
  CALLSPAN_ENVIRONMENT: z.string().min(1).default('production'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).default('http://collector:4318'),
});

/** Reads the environment; an empty value counts as not set. @throws Error that names the variable */
export function readBackupConfig(env: NodeJS.ProcessEnv = process.env): BackupConfig {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (!parsed.success)
    throw new Error(parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; '));
  const { data } = parsed;
  return {
    from: data.CALLSPAN_BACKUP_FROM,
    to: data.CALLSPAN_BACKUP_TO,
    kept: data.CALLSPAN_BACKUPS_KEPT,
    script: data.CALLSPAN_BACKUP_SCRIPT,
    otlpUrl: data.OTEL_EXPORTER_OTLP_ENDPOINT.replace(/\/$/, ''),
    environment: data.CALLSPAN_ENVIRONMENT,
  };
}
