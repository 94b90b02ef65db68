import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const pageFolder = fileURLToPath(new URL('.', import.meta.url));
const repoFolder = fileURLToPath(new URL('../../../', import.meta.url));

/** Where the built page lies: `index.html`, `icon.svg` and `assets/` with hashed names. */
export const pageDistFolder = join(pageFolder, 'dist');

export type BuildResult = { readonly built: boolean; readonly durationMs: number };

/**
 * Builds the page into {@link pageDistFolder} when it is missing or older than its sources, or when `force` is set.
 * The old page is served until the new one is whole. @throws what Vite reports when the sources do not build
 */
export async function buildPage(options: { readonly force?: boolean } = {}): Promise<BuildResult> {
  const startedMs = performance.now();
  if (!options.force && (await isFresh())) return { built: false, durationMs: performance.now() - startedMs };
  const scratch = join(repoFolder, 'node_modules', '.cache', 'callspan-page', randomUUID());
  await mkdir(scratch, { recursive: true });
  try {
    const outDir = join(scratch, 'new');
    await runVite(outDir);
    await rename(pageDistFolder, join(scratch, 'old')).catch(ignoreMissing);
    // Another process that built at the same time may have put its own, equal, page there in between.
    await rename(outDir, pageDistFolder).catch(ignoreTaken);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return { built: true, durationMs: performance.now() - startedMs };
}

/** In a process of its own: what NODE_ENV is here (a test runner sets it) must not put React's development build into what is served. */
async function runVite(outDir: string): Promise<void> {
  const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin', 'vite.js');
  const args = [vite, 'build', pageFolder, '--outDir', outDir, '--emptyOutDir', '--logLevel', 'error'];
  await promisify(execFile)(process.execPath, args, { cwd: pageFolder, env: { NODE_ENV: 'production' } });
}

async function isFresh(): Promise<boolean> {
  const built = await stat(join(pageDistFolder, 'index.html')).catch(() => null);
  if (!built) return false;
  const thresholds = join(repoFolder, 'thresholds', 'generated', 'page.generated.json');
  const own = [join(pageFolder, 'index.html'), join(pageFolder, 'vite.config.ts')];
  const single = [...own, join(repoFolder, 'package.json'), thresholds];
  const folders = [join(pageFolder, 'src'), join(pageFolder, 'public'), join(repoFolder, 'otel', 'src', 'conventions')];
  const nested = await Promise.all(folders.map(listFiles));
  const times = await Promise.all([...single, ...nested.flat()].map(async (file) => (await stat(file)).mtimeMs));
  return Math.max(...times) <= built.mtimeMs;
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

function ignoreTaken(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
}

if (import.meta.main) await buildPage({ force: process.argv.includes('--force') });
