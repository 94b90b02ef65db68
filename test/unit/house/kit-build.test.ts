import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNamedFiles, renameNamedFiles } from '../../../otel/build/sources.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-build-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('sources that are named in strings only are found, from wherever they are named', () => {
  mkdirSync(join(folder, 'src', 'spool'), { recursive: true });
  const source = join(folder, 'src');
  writeFileSync(join(source, 'spool', 'open.ts'), "new Worker(new URL('./thread.ts', import.meta.url));");
  writeFileSync(join(source, 'index.ts'), "import { a } from './imported.ts';\nconst b = load('./late/part.ts');");
  writeFileSync(join(folder, 'preload.cjs'), "require('./src/sdk/start.ts').start();");
  expect(findNamedFiles(source, [join(folder, 'preload.cjs')])).toEqual(
    [join('late', 'part'), join('sdk', 'start'), join('spool', 'thread')].sort(),
  );
});

test('in what is built they have the name that they are built to, and nothing else changes', () => {
  expect(renameNamedFiles("new URL('./thread.ts', import.meta.url)")).toBe("new URL('./thread.cjs', import.meta.url)");
  expect(renameNamedFiles('load(\n  "../late.ts",\n)')).toBe('load(\n  "../late.cjs",\n)');
  for (const untouched of ["load('pino')", "'./a.ts'", "load('../../package.json')", "url.endsWith('.ts')"]) {
    expect(renameNamedFiles(untouched)).toBe(untouched);
  }
});
