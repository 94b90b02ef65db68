// `npm run generate`: writes every generated file. `npm run generate:check`: says which of them are not up to date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { generateSignals } from './signals-page.ts';

const FILES: readonly (readonly [path: string, generate: () => string])[] = [['docs/signals.md', generateSignals]];

const { check } = parseArgs({ options: { check: { type: 'boolean', default: false } } }).values;
const stale = FILES.flatMap(([path, generate]) => {
  const wanted = generate();
  const found = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  if (found === wanted) return [];
  if (!check) writeFileSync(path, wanted);
  return [{ path, line: firstDifference(found ?? '', wanted) }];
});

for (const { path, line } of stale) {
  console.log(
    check ? `${path} is not what its sources say (first in line ${line}): run npm run generate` : `wrote ${path}`,
  );
}
if (stale.length === 0) console.log('generated files are up to date');
if (check && stale.length > 0) process.exitCode = 1;

function firstDifference(found: string, wanted: string): number {
  const lines = wanted.split('\n');
  const index = found.split('\n').findIndex((line, at) => line !== lines[at]);
  return (index === -1 ? found.split('\n').length : index) + 1;
}
