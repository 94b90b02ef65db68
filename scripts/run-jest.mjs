import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { readReport } from './test-report.mjs';

const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const FLAGS = ['--experimental-vm-modules', '--conditions=source', '--disable-warning=ExperimentalWarning'];
// Tests start some hundred processes of the same sources: a bot that need not compile them starts in two thirds of the time.
const env = { NODE_COMPILE_CACHE: join(tmpdir(), 'callspan-compile-cache'), ...process.env };

/**
 * Runs jest on the sources as they are, and writes one report of all.
 * @param steps one after the other, each of jest's options for one run or two: the second, beside the first, gets the
 *   processors only where the first leaves them
 * @param file where the report goes, JSON: `numPassedTests`, `numFailedTests`, `numRuntimeErrorTestSuites`
 * @param isHeard whether what tests write to stdout is shown
 * @returns the worst exit status
 */
export async function runSteps(steps, file, isHeard) {
  mkdirSync('artifacts', { recursive: true });
  const runs = [];
  for (const [step, beside] of steps.entries()) {
    const start = (options, at) =>
      runJest(options, file.replace('.json', `-${step}-${at}.json`), { isHeard, isPatient: at > 0 });
    runs.push(...(await Promise.all(beside.map(start))));
  }
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
async function runJest(options, file, { isHeard, isPatient }) {
  rmSync(file, { force: true });
  const args = [...FLAGS, jest, '--json', `--outputFile=${file}`, ...options];
  // By a pipe: two that draw on one terminal would draw over each other.
  const child = spawn(process.execPath, args, { stdio: ['inherit', isHeard ? 'pipe' : 'ignore', 'pipe'], env });
  if (isPatient) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  child.stdout?.pipe(process.stdout, { end: false });
  child.stderr.pipe(process.stderr, { end: false });
  const [status] = await once(child, 'close');
  return { status: status ?? 1, report: readReport(file) };
}
