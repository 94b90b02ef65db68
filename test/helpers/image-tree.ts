import { execFile } from 'node:child_process';
import { chmodSync, cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

type LockEntry = { readonly dev?: boolean; readonly link?: boolean };

/** A user without any right of its own, as the image's; only root may become one. */
export const IMAGE_USER = process.getuid?.() === 0 ? { uid: 1000, gid: 1000 } : {};

/**
 * Puts into `tree` what the image holds under /app: each COPY and RUN of the first stage of the Dockerfile, in its order. In place
 * of `npm ci --omit=dev` the packages are copied that the lock file gives to a production install. Nothing in it can be written then.
 */
export async function makeImageTree(tree: string): Promise<void> {
  const dockerfile = readFileSync('Dockerfile', 'utf8').replace(/\\\n\s*/g, ' ');
  const [first = ''] = dockerfile.split(/^FROM .*$/m).slice(1);
  for (const [, instruction, text = ''] of first.matchAll(/^(COPY|RUN) (.*)$/gm)) {
    if (instruction === 'COPY') copy(tree, text.split(/\s+/));
    else if (text.startsWith('npm ci --omit=dev')) await copyPackages(tree);
    else if (text.startsWith('rm -rf ')) remove(tree, text.split(/\s+/).slice(2));
    else if (text.startsWith('node '))
      await promisify(execFile)(process.execPath, text.split(' ').slice(1), { cwd: tree });
    else throw new Error(`the Dockerfile has a step that this does not know: ${text}`);
  }
  await promisify(execFile)('chmod', ['-R', 'a+rX,a-w', tree]);
}

function copy(tree: string, parts: readonly string[]): void {
  const target = parts.at(-1) ?? '';
  for (const source of parts.slice(0, -1)) {
    const isFolder = target.endsWith('/');
    const to = resolve(tree, isFolder ? join(target, basename(source)) : target);
    mkdirSync(dirname(to), { recursive: true });
    cpSync(source, to, { recursive: true, filter: (path) => !/(^|\/)(node_modules|dist)($|\/)/.test(path) });
  }
}

/** The packages of this checkout that `npm ci --omit=dev` would install, without the Node among them: the image has its own. */
export function listProductionPackages(): readonly string[] {
  return Object.entries(readLock())
    .filter(([path, { dev, link }]) => path.includes('node_modules/') && !dev && !link && existsSync(path))
    .map(([path]) => path)
    .filter((path) => !/\/node-(linux|win)-/.test(path));
}

async function copyPackages(tree: string): Promise<void> {
  const wanted = listProductionPackages();
  const outer = wanted.filter((path) => path.lastIndexOf('node_modules/') === 0);
  for (const scope of new Set(outer.map((path) => dirname(path)))) {
    const to = join(tree, scope);
    mkdirSync(to, { recursive: true });
    const packages = outer.filter((path) => dirname(path) === scope);
    await promisify(execFile)('cp', ['-a', ...packages, to]);
  }
  // What lay within them may be development's.
  const inner = Object.keys(readLock()).filter((path) => path.lastIndexOf('node_modules/') > 0);
  for (const path of inner.filter((one) => !wanted.includes(one)))
    rmSync(join(tree, path), { recursive: true, force: true });
  symlinkSync('../otel', join(tree, 'node_modules/callspan'));
}

function readLock(): Readonly<Record<string, LockEntry>> {
  return (JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, LockEntry> }).packages;
}

function remove(tree: string, patterns: readonly string[]): void {
  for (const path of globSync([...patterns], { cwd: tree })) rmSync(join(tree, path), { recursive: true, force: true });
}

/** Opens a folder to the image's user. */
export function giveToImageUser(folder: string): void {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o777);
}
