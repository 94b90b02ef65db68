import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { RETENTION_HOURS, type RetentionPreset } from '../../../services/viewer/domain/keep-within.ts';
import { readStackFile, toSeconds } from '../../helpers/stack-file.ts';

type Tempo = {
  readonly overrides: { readonly defaults: { readonly compaction: { readonly block_retention: string } } };
};
type Loki = {
  readonly limits_config: { readonly retention_period: string; readonly max_query_length: string };
  readonly compactor: { readonly retention_enabled: boolean };
};

const PRESETS = Object.keys(RETENTION_HOURS) as readonly RetentionPreset[];
const envOf = (preset: RetentionPreset) => parseEnv(readFileSync(`collector/retention/${preset}.env`, 'utf8'));
const keptHours = (env: Record<string, string>) => [
  toSeconds(readStackFile<Tempo>('collector/tempo/tempo.yaml', env).overrides.defaults.compaction.block_retention) /
    3600,
  toSeconds(readStackFile<Loki>('collector/loki/loki.yaml', env).limits_config.retention_period) / 3600,
];

test.each(PRESETS)('the preset %s is so many hours in the viewer, in Tempo, in Loki and for Prometheus', (preset) => {
  const env = envOf(preset) as Record<string, string>;
  const hours = RETENTION_HOURS[preset];
  expect(env.CALLSPAN_RETENTION).toBe(preset);
  expect(keptHours(env)).toEqual([hours, hours]);
  // As --storage.tsdb.retention.time takes it.
  expect(env.CALLSPAN_RETENTION_PERIOD).toBe(`${hours}h`);
});

test('without a setting engines keep as long as the viewer does', () => {
  expect(keptHours({})).toEqual([RETENTION_HOURS.development, RETENTION_HOURS.development]);
  expect(readFileSync('collector/prometheus/prometheus.yml', 'utf8')).toContain(
    `--storage.tsdb.retention.time=${RETENTION_HOURS.development}h`,
  );
});

test('Loki deletes what is too old, and answers about everything that it keeps', () => {
  const loki = readStackFile<Loki>('collector/loki/loki.yaml');
  expect(loki.compactor.retention_enabled).toBe(true);
  expect(toSeconds(loki.limits_config.max_query_length)).toBeGreaterThanOrEqual(RETENTION_HOURS.production * 3600);
});
