import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Two groups of tests that do not take each other's time: those that wait and are judged by the clock run beside each
 * other, and those that compute beside each other (ADR 0029). Which a test belongs to is seen in its text.
 * @param projects of jest, whose names are those of their folders below `test`
 * @param paced what the text of a test holds that is judged by the clock
 * @returns jest's options for each group
 */
export function groupsOf(projects, paced) {
  const files = projects
    .map((name) => join('test', name))
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)))
    .filter((file) => file.endsWith('.test.ts') && paced.test(readFileSync(file, 'utf8')))
    .map((file) => `${file.replace(/[.\\]/g, '.')}$`)
    .join('|');
  const options = ['--selectProjects', ...projects, '--maxWorkers=2'];
  return [
    [...options, `--testPathPatterns=${files}`],
    [...options, `--testPathIgnorePatterns=${files}`],
  ];
}
