import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { listDifferences, readStackFile, toSeconds } from '../../helpers/stack-file.ts';
import { listUnknownKeys } from '../../helpers/tempo-keys.ts';

type Tempo = {
  readonly distributor: { readonly max_attribute_bytes: number };
  readonly live_store: {
    readonly complete_block_timeout: string;
    readonly wal: { readonly ingestion_time_range_slack: string };
  };
  readonly query_frontend: { readonly search: { readonly max_duration: string } };
  readonly storage: {
    readonly trace: { readonly blocklist_poll: string; readonly wal: { readonly ingestion_time_range_slack: string } };
  };
  readonly overrides: { readonly defaults: { readonly compaction: { readonly block_retention: string } } };
};
type Sampling = { readonly processors: { readonly tail_sampling: { readonly decision_wait: string } } };

const TEMPO = 'collector/tempo/tempo.yaml';
const OBJECT_STORAGE = 'collector/tempo/tempo-object-storage.yaml';
const SAMPLING = 'collector/overlays/sampling.generated.yaml';
const tempo = readStackFile<Tempo>(TEMPO);

test.each([TEMPO, OBJECT_STORAGE])('%s has keys that Tempo 3.0 knows, and no other', (file) => {
  expect(listUnknownKeys(readStackFile(file))).toEqual([]);
});

test('what Tempo 3.0 has no longer, a key that is written wrongly and overrides of the old form are found', () => {
  const broken = `${readFileSync(TEMPO, 'utf8')}\ningester: {max_block_duration: 5m}\ncompactor: {compaction: {block_retention: 1h}}`;
  const document = parse(broken.replace('max_bytes_per_trace', 'max_trace_bytes')) as {
    overrides: Record<string, unknown>;
  };
  document.overrides.ingestion_rate_limit_bytes = 1;
  expect(listUnknownKeys(document)).toEqual([
    'overrides.defaults.global.max_trace_bytes',
    'overrides.ingestion_rate_limit_bytes',
    'ingester',
    'compactor',
  ]);
});

test('Tempo on object storage is Tempo on a disk, but for where blocks lie', () => {
  expect(listDifferences(tempo, readStackFile(OBJECT_STORAGE))).toEqual([
    'storage.trace.backend',
    'storage.trace.local',
    'storage.trace.s3',
  ]);
});

test('spans that a sampler has held as long as it may are within the time of their block', () => {
  const sampling = readStackFile<Sampling>(SAMPLING);
  const waitS = toSeconds(sampling.processors.tail_sampling.decision_wait);
  expect(waitS).toBeGreaterThan(30 * 60);
  expect(toSeconds(tempo.live_store.wal.ingestion_time_range_slack)).toBeGreaterThanOrEqual(waitS);
  expect(toSeconds(tempo.storage.trace.wal.ingestion_time_range_slack)).toBeGreaterThanOrEqual(waitS);
});

test('a trace is found while it moves from the live store to the blocks, and as long as it is kept', () => {
  expect(toSeconds(tempo.live_store.complete_block_timeout)).toBeGreaterThan(
    toSeconds(tempo.storage.trace.blocklist_poll),
  );
  expect(toSeconds(tempo.query_frontend.search.max_duration)).toBeGreaterThanOrEqual(30 * 86_400);
});
