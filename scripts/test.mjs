// `npm test`: the whole suite under jest. Arguments are passed on (`npm test -- --selectProjects unit`).
import { runGroups } from './run-jest.mjs';
import { groupsOf } from './test-groups.mjs';

/**
 * Has the simulated line in its own process, where a processor that others take is silence in the middle of a word and
 * ends the caller's turn; or starts a line as fast as the wall, where it is a delay beside those that are meant.
 */
const HAS_LINE = /from '[./\w-]*(?:helpers\/(?:caller|test-caller|random-calls)|caller\/start)\.ts'|'--speed', '1'/;

const GROUPS = [
  ['--selectProjects', 'unit', 'contract', '--maxWorkers=2'],
  ...groupsOf(['integration', 'e2e'], HAS_LINE),
];

const given = process.argv.slice(2);
process.exit(runGroups(given.length > 0 ? [['--maxWorkers=2', ...given]] : GROUPS, 'artifacts/jest.json', false));
