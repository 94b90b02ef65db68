import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { replaceSection, type Section } from '../scripts/markdown-section.ts';
import { type Assumptions, type Capacity, computeCapacity, type Figures } from './capacity/model.ts';
import { formatCapacityTable, formatVolumeTable } from './capacity/table.ts';
import type { VolumeReport } from './volume/report.ts';

const CALLS = [10, 100, 1000, 10_000, 100_000];
const RECORDED = { volume: 'bench/recorded/volume.json', collector: 'bench/recorded/collector.json' } as const;
const VOLUME_HEAD = '**What a call sends** (bytes of request bodies, each compressed by itself):';
const ROWS_HEAD = '**What so many calls at once need** (computed):';
/** Where `--write` puts the tables. */
export const SECTION: Section = { document: 'docs/production.md', name: 'capacity' };

/**
 * What fleets of calls need, computed from the recorded results of the benches `volume` and `collector`.
 * `args`: `--write` puts the table into docs/production.md.
 */
export function capacity(args: readonly string[]): Promise<object> {
  const options = { json: { type: 'boolean', default: false }, write: { type: 'boolean', default: false } } as const;
  const { values } = parseArgs({ args: [...args], options });
  const { rows, assumed, text } = simulateCapacity();
  process.stdout.write(`${text}\n`);
  if (values.write) {
    writeFileSync(SECTION.document, replaceSection(readFileSync(SECTION.document, 'utf8'), SECTION, text));
  }
  return Promise.resolve({ bench: 'capacity', assumed, rows });
}

/** The table, what it is made of, and the text of its section in docs/production.md. */
export function simulateCapacity(): {
  readonly rows: readonly Capacity[];
  readonly assumed: Assumptions;
  readonly text: string;
} {
  const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  const [volume, collector] = [read(RECORDED.volume), read(RECORDED.collector)];
  const figures = { volume, collector } as unknown as Figures;
  const assumed = readAssumptions();
  const rows = CALLS.map((calls) => computeCapacity(calls, figures, assumed));
  const weighs = formatVolumeTable(volume as unknown as VolumeReport);
  const source = `Made by \`npm run bench -- capacity --write\` from the results of ${String(volume.recordedOn)} in bench/recorded.`;
  return { rows, assumed, text: [source, VOLUME_HEAD, weighs, ROWS_HEAD, formatCapacityTable(rows)].join('\n\n') };
}

function readAssumptions(): Assumptions {
  const sampling = parse(readFileSync('collector/overlays/sampling.generated.yaml', 'utf8')) as {
    processors: { tail_sampling: { decision_wait: string } };
  };
  const bounds = parse(readFileSync('collector/span-metrics-buckets.generated.yaml', 'utf8')) as readonly unknown[];
  return {
    busyHoursADay: 12,
    coreShare: 0.6,
    decisionWaitS: Number.parseFloat(sampling.processors.tail_sampling.decision_wait),
    bucketCount: bounds.length,
    bytesPerSample: 1.5,
    sampleEveryS: 15,
    retentionDays: 30,
  };
}
