import {
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';

const PROGRAM = 'test/fixtures/apps/untouched-openai.mjs';

/** A folder in which `openai` is the package that is installed as `alias`, with the program for both module systems. */
export function createOpenAiApp(alias: string) {
  const folder = createFolder('openai', alias);
  const program = readFileSync(PROGRAM, 'utf8');
  const body = program.replace(/^import .*$/m, '');
  const esm = join(folder, 'app.mjs');
  const cjs = join(folder, 'app.cjs');
  writeFileSync(esm, program);
  writeFileSync(cjs, `const OpenAI = require('openai');\nconst { toFile } = OpenAI;\n(async () => {${body}})();\n`);
  return { esm, cjs, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A folder with a copy of `program`, for which `name` is the package that is installed as `alias`. */
export function createAppWith(name: string, alias: string, program: string) {
  const folder = createFolder(name, alias);
  const file = join(folder, basename(program));
  copyFileSync(program, file);
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function createFolder(name: string, alias: string): string {
  const folder = join('node_modules', '.callspan-test', `${alias}-${process.pid}`);
  rmSync(folder, { recursive: true, force: true });
  link(realpathSync(join('node_modules', alias)), join(folder, 'node_modules', name));
  return folder;
}

/** The same files under another name: a symbolic link would be followed to the first one. */
function link(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) link(source, target);
    else if (!entry.name.endsWith('.map')) linkSync(source, target);
  }
}
