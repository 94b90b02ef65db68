// `npm run check`: is the house in order? Every check runs, the failing ones are named at the end.
import { spawnSync } from 'node:child_process';
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

const results = checks.map(([name, command, args]) => {
  process.stdout.write(`… ${name}\n`);
  const shell = process.platform === 'win32' && command !== process.execPath;
  const { status } = spawnSync(command, args, { stdio: 'inherit', shell });
  return { name, passed: status === 0 };
});
mkdirSync('artifacts', { recursive: true });
writeFileSync(join('artifacts', 'check.json'), JSON.stringify(results));
for (const { name, passed } of results) process.stdout.write(`${passed ? 'ok  ' : 'FAIL'} ${name}\n`);
process.exit(results.every((result) => result.passed) ? 0 : 1);
