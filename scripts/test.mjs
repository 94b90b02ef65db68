// `npm test`: the whole suite under jest. Arguments are passed on (`npm test -- --selectProjects unit`).
import { runGroups } from './run-jest.mjs';
import { groupsOf } from './test-groups.mjs';

/**
 * Has the simulated line in its own process, where a processor that others take is silence in the middle of a word and
 * ends the caller's turn; or starts a line as fast as the wall, where it is a delay beside those that are meant.
 */
const HAS_LINE = /from '[./\w-]*(?:helpers\/(?:caller|test-caller|random-calls)|caller\/start)\.ts'|'--speed', '1'/;

/** Several calls at once in one process, which needs most of a processor: not even beside one that waits. */
const CROWDED = 'integration.(?:call|bot-questions|provider-faults-seen).test.ts$';

const [paced, others] = groupsOf(['integration', 'e2e'], HAS_LINE);
const GROUPS = [
  ['--selectProjects', 'unit', 'contract', '--maxWorkers=2'],
  [...paced, `--testPathIgnorePatterns=${CROWDED}`],
  others,
  // What a failed test leaves open must not hold up the rest.
  ['--selectProjects', 'integration', '--runInBand', '--forceExit', `--testPathPatterns=${CROWDED}`],
];

const given = process.argv.slice(2);
process.exit(runGroups(given.length > 0 ? [['--maxWorkers=2', ...given]] : GROUPS, 'artifacts/jest.json', false));
