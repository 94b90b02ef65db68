import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import {
  ENGINE_NAMES,
  ENGINES,
  type EngineName,
  enginePath,
  enginesFolder,
  moduleFolder,
  type Recipe,
} from './engines.ts';
import { findGo, runCommand } from './go.ts';
import { lockFolder } from './lock.ts';

const MANIFEST = 'collector/builder-config.yaml';

/** Nobody steps through an engine with a debugger: without its tables compiling takes a sixth less, and files are smaller. */
const WITHOUT_DEBUGGER = ['-gcflags=all=-dwarf=false', '-ldflags=-s -w'];

/** What came of a build: engines in place, or why none can be made. */
export type BuildResult = { readonly missing: string | undefined };

/**
 * Makes the engines that are not in the cache, one after the other, once per version and module list.
 * @param say told a line of progress at a time
 * @throws Error with the end of the compiler's output
 */
export async function buildEngines(names: readonly EngineName[], say: (line: string) => void): Promise<BuildResult> {
  if (names.every(isBuilt)) return { missing: undefined };
  const folder = enginesFolder();
  const unlock = lockFolder(folder, () => say(`engines: another process builds in ${folder}, waiting for it`));
  try {
    const wanted = names.filter((name) => !isBuilt(name));
    if (wanted.length === 0) return { missing: undefined };
    const go = findGo();
    if ('missing' in go) return go;
    for (const [index, name] of wanted.entries()) {
      const what = `${name} ${ENGINES[name].version} (${index + 1} of ${wanted.length})`;
      say(`engines: building ${what} into ${folder}`);
      const startedAt = performance.now();
      await buildEngine(name, go.command, (seconds) => say(`engines: still building ${what}, ${seconds} s`));
      say(`engines: built ${what} in ${Math.round((performance.now() - startedAt) / 1000)} s`);
    }
    return { missing: undefined };
  } finally {
    unlock();
  }
}

/** True when the binary in the cache is of these very inputs. */
function isBuilt(name: EngineName): boolean {
  const stamp = stampPath(name);
  return existsSync(enginePath(name)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digestInputs(name);
}

const stampPath = (name: EngineName): string => join(dirname(enginePath(name)), `${name}.inputs`);

/** A digest of everything that an engine is made from: module list, sources of our own, tags. */
function digestInputs(name: EngineName): string {
  const recipe: Recipe = ENGINES[name];
  const folder = moduleFolder(recipe.folder);
  const hash = createHash('sha256').update(recipe.package);
  for (const file of readdirSync(folder).sort()) hash.update(readFileSync(join(folder, file)));
  if (recipe.tags !== undefined) hash.update(recipe.tags);
  if (name === 'otelcol') hash.update(readFileSync(MANIFEST));
  return hash.digest('hex');
}

async function buildEngine(name: EngineName, go: string, onStill: (seconds: number) => void): Promise<void> {
  const target = enginePath(name);
  const half = `${target}.part`;
  mkdirSync(dirname(target), { recursive: true });
  const cwd = name === 'otelcol' ? await writeCollectorSources(go) : moduleFolder(ENGINES[name].folder);
  const { package: main, tags = '' }: Recipe = ENGINES[name];
  await runCommand(go, ['build', ...WITHOUT_DEBUGGER, '-tags', tags, '-o', half, main], { cwd, onStill });
  renameSync(half, target);
  writeFileSync(stampPath(name), digestInputs(name));
}

/** The Collector's builder writes the sources; the module list beside them is ours, so that each build is the same. */
async function writeCollectorSources(go: string): Promise<string> {
  const folder = dirname(enginePath('otelcol'));
  const sources = join(folder, 'sources');
  const manifest = parse(readFileSync(MANIFEST, 'utf8')) as { dist: Record<string, unknown> };
  rmSync(sources, { recursive: true, force: true });
  mkdirSync(sources);
  const file = join(folder, 'manifest.yaml');
  writeFileSync(file, stringify({ ...manifest, dist: { ...manifest.dist, output_path: sources } }));
  const builder = join(folder, 'builder');
  const cwd = moduleFolder('builder');
  await runCommand(go, ['build', '-o', builder, 'go.opentelemetry.io/collector/cmd/builder'], { cwd });
  await runCommand(builder, ['--config', file, '--skip-get-modules', '--skip-compilation'], { cwd: folder });
  for (const list of ['go.mod', 'go.sum']) {
    copyFileSync(join(moduleFolder(ENGINES.otelcol.folder), list), join(sources, list));
  }
  return sources;
}

/** `names` of a command line, all engines where there are none. @throws Error naming the ones there are */
export function chooseEngines(names: readonly string[]): readonly EngineName[] {
  const unknown = names.find((name) => !ENGINE_NAMES.some((known) => known === name));
  if (unknown !== undefined) throw new Error(`no engine "${unknown}": choose from ${ENGINE_NAMES.join(', ')}`);
  return names.length === 0 ? ENGINE_NAMES : (names as readonly EngineName[]);
}
