// `npm run test:engines`: the project's own files on the real engines. Arguments are passed on to jest.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { runGroups } from './run-jest.mjs';

const REPORT = 'artifacts/engines.json';
const NO_GO = 2;

/** Calls keep the pace of people in the one, and alarms their order in the other: promtool would take their processor. */
const PACED = ['engines/chain\\.test', 'engines/flood\\.test'].join('|');

const ENGINES = ['--selectProjects', 'engines'];
const GROUPS = [
  [...ENGINES, '--maxWorkers=2', `--testPathPatterns=${PACED}`],
  [...ENGINES, '--maxWorkers=2', `--testPathIgnorePatterns=${PACED}`],
];

rmSync(REPORT, { force: true });
const build = spawnSync(process.execPath, ['--conditions=source', 'test/engines/build/main.ts'], { stdio: 'inherit' });
if (build.status === NO_GO && process.env.CI !== 'true') {
  process.stdout.write('Nothing was tested. With CI=true this is a failure.\n');
  process.exit(0);
}
if (build.status !== 0) process.exit(1);

// Tests write their figures.
const given = process.argv.slice(2);
process.exit(runGroups(given.length > 0 ? [[...ENGINES, '--runInBand', '--', ...given]] : GROUPS, REPORT, true));
