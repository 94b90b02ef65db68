// `npm run generate`: writes every generated file. `npm run generate:check`: says which of them are not up to date.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { listDashboardFiles } from '../dashboards/src/list.ts';
import { loadReceivers, loadThresholds, readLinks } from '../thresholds/config.ts';
import { type GeneratedFile, listGeneratedFiles } from '../thresholds/generated-files.ts';
import { ThresholdsError } from '../thresholds/problems.ts';
import { fillEnginesTable } from './engines-table.ts';
import { generateSignals } from './signals-page.ts';

/** Every generated file in them is made here. */
const OWN_FOLDERS = ['collector', 'dashboards', 'thresholds'];
const PRODUCTION = 'docs/production.md';

const { check } = parseArgs({ options: { check: { type: 'boolean', default: false } } }).values;
try {
  // All of them are made before one is written: what cannot be made changes nothing.
  const wanted = listFiles().map(([path, generate]) => ({ path, text: generate() }));
  const stale = wanted.filter(({ path, text }) => readOrNothing(path) !== text);
  const former = listFormer(wanted.map(({ path }) => path));
  for (const file of stale) (check ? tell : write)(file);
  for (const path of former) (check ? tellFormer : remove)(path);
  if (stale.length + former.length === 0) console.log('generated files are up to date');
  else if (check) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof ThresholdsError)) throw error;
  console.error(`${error.message}\nnothing was generated`);
  process.exitCode = 1;
}

function listFiles(): readonly GeneratedFile[] {
  const thresholds = loadThresholds();
  return [
    ['docs/signals.md', generateSignals],
    [PRODUCTION, () => fillEnginesTable(readOrNothing(PRODUCTION) ?? '')],
    ...listGeneratedFiles(thresholds, { links: readLinks(), receivers: loadReceivers() }),
    ...listDashboardFiles(thresholds, process.env),
  ];
}

/** Generated files beside those of now: Prometheus reads every file of rules that is there. */
function listFormer(paths: readonly string[]): readonly string[] {
  return OWN_FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  )
    .filter((path) => path.includes('.generated.') && !paths.includes(path))
    .sort();
}

function remove(path: string): void {
  rmSync(path);
  console.log(`removed ${path}`);
}

function tellFormer(path: string): void {
  console.log(`${path} is made of nothing: run npm run generate`);
}

function write({ path, text }: { readonly path: string; readonly text: string }): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(`wrote ${path}`);
}

function tell({ path, text }: { readonly path: string; readonly text: string }): void {
  const line = firstDifference(readOrNothing(path) ?? '', text);
  console.log(`${path} is not what its sources say (first in line ${line}): run npm run generate`);
}

function readOrNothing(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function firstDifference(found: string, wanted: string): number {
  const lines = wanted.split('\n');
  const index = found.split('\n').findIndex((line, at) => line !== lines[at]);
  return (index === -1 ? found.split('\n').length : index) + 1;
}
