// `npm run test:engines`: the project's own files on the real engines. Arguments are passed on to jest.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { runSteps } from './run-jest.mjs';
import { groupsOf } from './test-groups.mjs';

const REPORT = 'artifacts/engines.json';
const NO_GO = 2;

/**
 * Calls keep the pace of people, and alarms and queues their order: what runs beside them at the same priority, be it
 * another of them, takes their processor, and then healthy calls are slow ones.
 */
const HAS_CHAIN = /from '\.\/stage\/(?:chain|called-set|busy-set)\.ts'/;

rmSync(REPORT, { force: true });
const build = spawnSync(process.execPath, ['--conditions=source', 'test/engines/build/main.ts'], { stdio: 'inherit' });
if (build.status === NO_GO && process.env.CI !== 'true') {
  process.stdout.write('Nothing was tested. With CI=true this is a failure.\n');
  process.exit(0);
}
if (build.status !== 0) process.exit(1);

const given = process.argv.slice(2);
const [chains, others] = groupsOf(['engines'], [HAS_CHAIN]);
const beside =
  given.length > 0
    ? [['--selectProjects', 'engines', '--runInBand', '--', ...given]]
    : [
        [...chains, '--runInBand'],
        [...others, '--maxWorkers=2'],
      ];
// Tests write their figures.
process.exitCode = await runSteps([beside], REPORT, true);
