import { readFileSync } from 'node:fs';

/** Pages with queries in them. */
const FILES = ['docs/queries.md', 'docs/cheatsheet.md', 'docs/troubleshooting.md'];

/** Queries in the fenced blocks of a language on the pages of docs, one a line; comments left out. */
export function listPageQueries(language: 'promql' | 'logql' | 'traceql'): readonly (readonly [string, string])[] {
  const blocks = new RegExp(`^ *\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\``, 'gm');
  return FILES.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(blocks)].flatMap(([, block = '']) =>
      block
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '' && !/^(#|\/\/)/.test(line))
        .map((line) => [file, line] as const),
    ),
  );
}
