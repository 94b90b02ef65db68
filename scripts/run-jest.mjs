import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readReport } from './test-report.mjs';

const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const FLAGS = ['--experimental-vm-modules', '--conditions=source', '--disable-warning=ExperimentalWarning'];
// Tests start some hundred processes of the same sources: a bot that need not compile them starts in two thirds of the time.
const env = { NODE_COMPILE_CACHE: join(tmpdir(), 'callspan-compile-cache'), ...process.env };

/**
 * Runs jest on the sources as they are, one group after the other, and writes one report of all.
 * @param groups jest's options for each
 * @param file where the report goes, JSON: `numPassedTests`, `numFailedTests`, `numRuntimeErrorTestSuites`
 * @param isHeard whether what tests write to stdout is shown
 * @returns the worst exit status
 */
export function runGroups(groups, file, isHeard) {
  mkdirSync('artifacts', { recursive: true });
  const runs = groups.map((options, index) => runJest(options, file.replace('.json', `-${index}.json`), isHeard));
  const sum = (key) => runs.reduce((total, { report }) => total + (report?.[key] ?? 0), 0);
  const report = {
    numPassedTests: sum('numPassedTests'),
    numFailedTests: sum('numFailedTests'),
    // A run without a report counts as one suite that could not start.
    numRuntimeErrorTestSuites: sum('numRuntimeErrorTestSuites') + runs.filter((run) => !run.report).length,
  };
  writeFileSync(file, JSON.stringify(report));
  return Math.max(...runs.map(({ status }) => status));
}

/** A report that lies there is taken away first. */
function runJest(options, file, isHeard) {
  rmSync(file, { force: true });
  const args = [...FLAGS, jest, '--json', `--outputFile=${file}`, ...options];
  const stdio = ['inherit', isHeard ? 'inherit' : 'ignore', 'inherit'];
  const { status } = spawnSync(process.execPath, args, { stdio, env });
  return { status: status ?? 1, report: readReport(file) };
}
