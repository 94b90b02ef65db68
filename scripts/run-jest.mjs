import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { readReport } from './test-report.mjs';

const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const FLAGS = ['--experimental-vm-modules', '--conditions=source', '--disable-warning=ExperimentalWarning'];

/**
 * Runs jest on the sources as they are.
 * @param file where its report goes; one that lies there is taken away first
 * @param isHeard whether what tests write to stdout is shown
 * @returns its exit status, and its report unless it made none
 */
export function runJest(options, file, isHeard) {
  mkdirSync('artifacts', { recursive: true });
  rmSync(file, { force: true });
  const args = [...FLAGS, jest, '--json', `--outputFile=${file}`, ...options];
  const stdio = ['inherit', isHeard ? 'inherit' : 'ignore', 'inherit'];
  const { status } = spawnSync(process.execPath, args, { stdio });
  return { status: status ?? 1, report: readReport(file) };
}
