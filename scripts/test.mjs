// `npm test`: the whole suite under jest. Arguments are passed on (`npm test -- --selectProjects unit`).
import { runSteps } from './run-jest.mjs';
import { groupsOf } from './test-groups.mjs';

/** Several calls at once in the test's own process, which needs most of a processor. */
const IS_CROWDED = /@group crowded/;

/**
 * Has the simulated line in its own process, where a processor that others take is silence in the middle of a word and
 * ends the caller's turn; or starts a line as fast as the wall, where it is a delay beside those that are meant.
 */
const HAS_LINE = /from '[./\w-]*(?:helpers\/(?:caller|test-caller|random-calls)|caller\/start)\.ts'|'--speed', '1'/;

/** Talks by the clock with other processes, or with the stand-in of the models, which keeps the pace of speech. */
const HAS_CLOCK =
  /from '[./\w-]*(?:helpers\/(?:running-set|contained-services|call-command|spool-process|openai-(?:standin|realtime))|openai\/start)\.ts'/;

const two = '--maxWorkers=2';
const [crowded, paced, timed, others] = groupsOf(['contract', 'integration', 'e2e'], [IS_CROWDED, HAS_LINE, HAS_CLOCK]);
const STEPS = [
  [
    [...paced, two],
    ['--selectProjects', 'unit', two],
  ],
  [[...timed, two]],
  [
    // What a failed test leaves open must not hold up the rest.
    [...crowded, '--runInBand', '--forceExit'],
    [...others, two],
  ],
];

const given = process.argv.slice(2);
const steps = given.length > 0 ? [[[two, ...given]]] : STEPS;
process.exitCode = await runSteps(steps, 'artifacts/jest.json', false);
