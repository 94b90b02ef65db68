import { Stage } from 'callspan/conventions';
import type { KeyPath } from './document.ts';
import type { LimitLevel, Overrides } from './environment.ts';
import type { Limit, RatioRule, ShareRule } from './model.ts';
import type { ThresholdsFile } from './schema.ts';

/** A row of the file with its place: of a stage, or of one of its providers. */
export type LimitPlace = {
  readonly id: string;
  readonly stage: string;
  readonly provider?: string;
  readonly path: KeyPath;
};

type FileRow = NonNullable<ThresholdsFile['limits'][keyof ThresholdsFile['limits']]>;
type ProviderRow = NonNullable<FileRow['providers']>[string];

/** The id of a limit: its stage, with its provider in letters, digits and _ that a variable's name can have. */
export function limitId(stage: string, provider?: string): string {
  return provider === undefined ? stage : `${stage}_${provider.toLowerCase().replace(/[^a-z0-9]+/g, '_')}`;
}

/** The rows, in the order of the stages of a call and by provider: the order of the file says nothing. */
export function listLimitPlaces(file: ThresholdsFile): readonly LimitPlace[] {
  return Object.entries(file.limits).flatMap(([stage, row]) => [
    { id: limitId(stage), stage, path: ['limits', stage] },
    ...Object.keys(row?.providers ?? {})
      .sort()
      .map((provider) => ({
        id: limitId(stage, provider),
        stage,
        provider,
        path: ['limits', stage, 'providers', provider],
      })),
  ]);
}

/** One limit with everything that it has by default. */
export function resolveLimit(file: ThresholdsFile, overrides: Overrides, { id, stage, provider }: LimitPlace): Limit {
  const row = findRow(file, stage);
  const own: ProviderRow = (provider === undefined ? undefined : row.providers?.[provider]) ?? {};
  const figure = (level: LimitLevel) => {
    const taken =
      overrides.get(`${id}.${level}`) ?? (own[`${level}_ms`] ? undefined : overrides.get(`${stage}.${level}`));
    return taken?.valueMs ?? own[`${level}_ms`] ?? row[`${level}_ms`];
  };
  const { defaults } = file;
  const errors = resolveErrors(file, own.errors ?? row.errors);
  return {
    id,
    stage,
    ...(provider === undefined ? {} : { provider }),
    exceptProviders: provider === undefined ? Object.keys(row.providers ?? {}).sort() : [],
    warningMs: figure('warning'),
    criticalMs: figure('critical'),
    warning: resolveShare(defaults.warning, row.warning, own.warning),
    critical: resolveShare(defaults.critical, row.critical, own.critical),
    minExecutions: own.min_executions ?? row.min_executions ?? defaults.min_executions,
    windowMs: own.window ?? row.window ?? defaults.window,
    keepFiringForMs: own.keep_firing_for ?? row.keep_firing_for ?? defaults.keep_firing_for,
    ...(errors ? { errors } : {}),
  };
}

function findRow(file: ThresholdsFile, stage: string): FileRow {
  const name = Object.values(Stage).find((known) => known === stage);
  const row = name === undefined ? undefined : file.limits[name];
  if (!row) throw new Error(`no row for the stage ${stage}`);
  return row;
}

type SharePart = { readonly share?: number | undefined; readonly for?: number | undefined } | undefined;

function resolveShare(byDefault: ThresholdsFile['defaults']['warning'], ...parts: readonly SharePart[]): ShareRule {
  let { share, for: forMs } = byDefault;
  for (const part of parts) {
    share = part?.share ?? share;
    forMs = part?.for ?? forMs;
  }
  return { share, forMs };
}

function resolveErrors(file: ThresholdsFile, said: FileRow['errors']): Limit['errors'] {
  if (said === undefined || said === false) return undefined;
  const resolve = (level: LimitLevel): RatioRule => {
    const byDefault = file.defaults.errors[level];
    const own = said === true ? undefined : said[level];
    return { ratio: own?.ratio ?? byDefault.ratio, forMs: own?.for ?? byDefault.for };
  };
  return { warning: resolve('warning'), critical: resolve('critical') };
}
