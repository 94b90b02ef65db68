// `npm test`: the whole suite under jest. Arguments are passed on (`npm test -- --selectProjects unit`).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runGroups } from './run-jest.mjs';

const WHOLE = ['integration', 'e2e'];
/** What a test imports that has the simulated line in its own process, or how it starts a line as fast as the wall. */
const LINE = /from '[./\w-]*(?:helpers\/(?:caller|test-caller|random-calls)|caller\/start)\.ts'|'--speed', '1'/;

/**
 * Where line, models and bot share a process, a processor that others take is silence in the middle of a word, and ends
 * the caller's turn. Such tests mostly wait: they run beside each other, and those that compute beside each other (ADR 0029).
 */
const paced = WHOLE.map((name) => join('test', name))
  .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)))
  .filter((file) => file.endsWith('.test.ts') && LINE.test(readFileSync(file, 'utf8')))
  .map((file) => `${file.replace(/[.\\]/g, '.')}$`)
  .join('|');

const whole = ['--selectProjects', ...WHOLE, '--maxWorkers=2'];
const GROUPS = [
  ['--selectProjects', 'unit', 'contract', '--maxWorkers=2'],
  [...whole, `--testPathPatterns=${paced}`],
  [...whole, `--testPathIgnorePatterns=${paced}`],
];

const given = process.argv.slice(2);
process.exit(runGroups(given.length > 0 ? [['--maxWorkers=2', ...given]] : GROUPS, 'artifacts/jest.json', false));
