// Installs what package-lock.json asks for and node_modules lacks. Runs before `npm start`, `npm test` and the like,
// therefore on any Node >= 18 and without dependencies.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const production = process.argv.includes('--production');

/** Names of packages that the lock file asks for on this machine and that are absent or of another version. */
function findMissing() {
  const wanted = readPackages(join(root, 'package-lock.json'));
  const installedFile = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return ['everything'];
  const installed = readPackages(installedFile);
  return Object.entries(wanted)
    .filter(([path, entry]) => path.startsWith('node_modules/') && !isOptionalHere(entry))
    .filter(([path, entry]) => installed[path]?.version !== entry.version)
    .map(([path]) => path.slice('node_modules/'.length));
}

function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
}

function isOptionalHere(entry) {
  if (entry.link) return true;
  if (production && (entry.dev || entry.devOptional)) return true;
  return Boolean(entry.optional || entry.peer) && !matchesPlatform(entry);
}

function matchesPlatform(entry) {
  const fits = (list, value) => !list || (list.includes(value) && !list.includes(`!${value}`));
  return (
    Boolean(entry.os || entry.cpu) && fits(entry.os, process.platform) && fits(entry.cpu, process.arch) && !entry.libc
  );
}

const missing = findMissing();
if (missing.length > 0) {
  const what = missing.length === 1 ? missing[0] : `${missing.length} packages`;
  process.stdout.write(`Installing what is missing (${what}) with npm ci …\n`);
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error', ...(production ? ['--omit=dev'] : [])];
  const npm = process.env.npm_execpath;
  const result = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: 'inherit' })
    : spawnSync('npm', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  if (result.status !== 0) {
    process.stderr.write('npm ci failed: see its message above. Is the npm registry reachable?\n');
    process.exit(1);
  }
}
