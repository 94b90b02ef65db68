import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Groups of tests that do not take each other's time (ADR 0029). Which a test belongs to is seen in its text.
 * @param projects of jest, whose names are those of their folders below `test`
 * @param kinds what the text of a test holds, of each group but the last; a test belongs to the first that it fits
 * @returns jest's options for each group; those of the last are all other tests
 */
export function groupsOf(projects, kinds) {
  const groups = [...kinds.map(() => []), []];
  const files = projects
    .map((name) => join('test', name))
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)))
    .filter((file) => file.endsWith('.test.ts'));
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    // Of no kind, -1: the last group.
    groups.at(kinds.findIndex((holds) => holds.test(text))).push(`${file.replace(/[.\\]/g, '.')}$`);
  }
  return groups.map((group) => ['--selectProjects', ...projects, `--testPathPatterns=${group.join('|')}`]);
}
