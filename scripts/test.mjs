// `npm test`: the whole suite under jest. Arguments are passed on (`npm test -- --selectProjects unit`).
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';

const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
mkdirSync('artifacts', { recursive: true });
const flags = ['--experimental-vm-modules', '--conditions=source', '--disable-warning=ExperimentalWarning'];
const result = spawnSync(
  process.execPath,
  [...flags, jest, '--json', '--outputFile=artifacts/jest.json', '--maxWorkers=2', ...process.argv.slice(2)],
  { stdio: ['inherit', 'ignore', 'inherit'] },
);
process.exit(result.status ?? 1);
