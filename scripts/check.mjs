// `npm run check`: is the house in order? Every check runs, the failing ones are named at the end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const bin = (name) => join('node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name);
const rooms = ['otel', 'services', 'thresholds', 'dashboards', 'scripts', 'test', 'bench', 'examples'].filter((room) =>
  existsSync(room),
);
const checks = [
  ['types', bin('tsc'), ['--noEmit']],
  ['lint and format', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['room directions', bin('depcruise'), ['--config', '.dependency-cruiser.mjs', '--output-type', 'err', ...rooms]],
  ['generated files', process.execPath, ['--conditions=source', join('scripts', 'generate.ts'), '--check']],
  ['unused files, exports, packages', bin('knip'), []],
];

/** Runs one and shows what it said when it has ended: all at once would mix their words. */
async function run([name, command, args]) {
  const shell = process.platform === 'win32' && command !== process.execPath;
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], shell });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(chunk));
  const [status] = await once(child, 'close').catch((error) => [said.push(Buffer.from(`${error.message}\n`))]);
  process.stdout.write(`… ${name}\n${Buffer.concat(said)}`);
  return { name, passed: status === 0 };
}

const results = await Promise.all(checks.map(run));
mkdirSync('artifacts', { recursive: true });
writeFileSync(join('artifacts', 'check.json'), JSON.stringify(results));
for (const { name, passed } of results) process.stdout.write(`${passed ? 'ok  ' : 'FAIL'} ${name}\n`);
process.exit(results.every((result) => result.passed) ? 0 : 1);
