// `npm run test:engines`: the project's own files on the real engines. Arguments are passed on to jest.
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { runJest } from './run-jest.mjs';

const REPORT = 'artifacts/engines.json';
const NO_GO = 2;

rmSync(REPORT, { force: true });
const build = spawnSync(process.execPath, ['--conditions=source', 'test/engines/build/main.ts'], { stdio: 'inherit' });
if (build.status === NO_GO && process.env.CI !== 'true') {
  process.stdout.write('Nothing was tested. With CI=true this is a failure.\n');
  process.exit(0);
}
if (build.status !== 0) process.exit(1);

// Engines keep time too: one test file at a time. Tests write their figures.
const options = ['--selectProjects', 'engines', '--runInBand', '--', ...process.argv.slice(2)];
const { status, report } = runJest(options, REPORT, true);
const { numPassedTests = 0, numFailedTests = 0, numRuntimeErrorTestSuites = 1 } = report ?? {};
writeFileSync(REPORT, JSON.stringify({ numPassedTests, numFailedTests, numRuntimeErrorTestSuites }));
process.exit(status);
