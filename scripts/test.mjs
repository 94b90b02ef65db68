// `npm test`: the whole suite under jest. Arguments are passed on (`npm test -- --selectProjects unit`).
import { writeFileSync } from 'node:fs';
import { runJest } from './run-jest.mjs';

// Whole calls keep time: beside another worker a pause of the machine is taken for the end of a caller's speech.
const RUNS = [
  ['--selectProjects', 'unit', 'contract', '--maxWorkers=2'],
  ['--selectProjects', 'integration', 'e2e', '--runInBand'],
];

const given = process.argv.slice(2);
const runs = (given.length > 0 ? [['--maxWorkers=2', ...given]] : RUNS).map((options, index) =>
  runJest(options, `artifacts/jest-${index}.json`, false),
);
const sum = (key) => runs.reduce((total, { report }) => total + (report?.[key] ?? 0), 0);
const report = {
  numPassedTests: sum('numPassedTests'),
  numFailedTests: sum('numFailedTests'),
  // A run without a report counts as one suite that could not start.
  numRuntimeErrorTestSuites: sum('numRuntimeErrorTestSuites') + runs.filter((run) => !run.report).length,
};
writeFileSync('artifacts/jest.json', JSON.stringify(report));
process.exit(Math.max(...runs.map(({ status }) => status)));
