// `npm test`: the whole suite under jest. Arguments are passed on (`npm test -- --selectProjects unit`).
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { readReport } from './test-report.mjs';

const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const flags = ['--experimental-vm-modules', '--conditions=source', '--disable-warning=ExperimentalWarning'];
// Whole calls keep time: beside another worker a pause of the machine is taken for the end of a caller's speech.
const RUNS = [
  ['--selectProjects', 'unit', 'contract', '--maxWorkers=2'],
  ['--selectProjects', 'integration', 'e2e', '--runInBand'],
];

const given = process.argv.slice(2);
mkdirSync('artifacts', { recursive: true });
for (const index of [0, 1]) rmSync(`artifacts/jest-${index}.json`, { force: true });
const runs = (given.length > 0 ? [['--maxWorkers=2', ...given]] : RUNS).map((options, index) => {
  const file = `artifacts/jest-${index}.json`;
  const args = [...flags, jest, '--json', `--outputFile=${file}`, ...options];
  const { status } = spawnSync(process.execPath, args, { stdio: ['inherit', 'ignore', 'inherit'] });
  return { status: status ?? 1, report: readReport(file) };
});
const sum = (key) => runs.reduce((total, { report }) => total + (report?.[key] ?? 0), 0);
const report = {
  numPassedTests: sum('numPassedTests'),
  numFailedTests: sum('numFailedTests'),
  // A run without a report counts as one suite that could not start.
  numRuntimeErrorTestSuites: sum('numRuntimeErrorTestSuites') + runs.filter((run) => !run.report).length,
};
writeFileSync('artifacts/jest.json', JSON.stringify(report));
process.exit(Math.max(...runs.map(({ status }) => status)));
