import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Finding } from '../finding.ts';
import { type ComposeFile, expandVariables } from './compose-files.ts';

type Reference = { readonly path: string; readonly by: string; readonly isMounted: boolean };

const OTHERS_READ = 0o004;
const OTHERS_ENTER = 0o001;

/** Whether every file that Compose mounts or reads is there, and can be read in the containers. Secrets of production are looked at by `checkStackSecrets`. */
export function checkReferences(compose: ComposeFile, folder: string, env: NodeJS.ProcessEnv): readonly Finding[] {
  const references = listReferences(compose, env).filter(({ path }) => path.startsWith('.'));
  const missing = references.filter(({ path }) => !existsSync(join(folder, path)));
  if (missing.length === 0) {
    const closed = listClosed(references, folder);
    if (closed.length > 0) return closed;
    const what = `all ${references.length} files that are mounted or read are there`;
    return [{ id: 'stack.reference', level: 'ok', what, where: folder, wayOut: '' }];
  }
  return missing.map(({ path, by }) => ({
    id: 'stack.reference',
    level: 'error',
    what: `${by} needs ${path}, which is not there: Docker would make a folder of that name`,
    where: join(folder, path),
    wayOut: /retention/.test(path)
      ? 'set CALLSPAN_RETENTION to development, staging or production'
      : 'get the file back (git status), or npm run generate where it is a generated one',
  }));
}

/** A checkout of somebody whose umask is 027 or 077: no container runs as its owner. Elsewhere modes are not those of Linux. */
function listClosed(references: readonly Reference[], folder: string): readonly Finding[] {
  if (process.platform !== 'linux') return [];
  const mounted = new Set(references.filter(({ isMounted }) => isMounted).map(({ path }) => path));
  return [...mounted].flatMap((path) => {
    const where = join(folder, path);
    const inside = statSync(where).isDirectory() ? readdirSync(where, { recursive: true, encoding: 'utf8' }) : [];
    const closed = ['', ...inside].filter((name) => !canOthersRead(join(where, name)));
    if (closed.length === 0) return [];
    const what = `users of the containers cannot read ${closed[0] ? `what is in it (${closed[0]})` : 'it'}: a mount keeps the modes of its files`;
    return [{ id: 'stack.reference', level: 'error' as const, what, where, wayOut: `chmod -R go+rX ${where}` }];
  });
}

function canOthersRead(path: string): boolean {
  const found = statSync(path);
  const needed = found.isDirectory() ? OTHERS_READ | OTHERS_ENTER : OTHERS_READ;
  return (found.mode & needed) === needed;
}

function listReferences(compose: ComposeFile, env: NodeJS.ProcessEnv): readonly Reference[] {
  const ofServices = Object.entries(compose.services).flatMap(([name, service]) => {
    const mounts = asList(service.volumes).map((mount) => expandVariables(mount, env).split(':')[0] ?? '');
    const files = asList(service.env_file).map((file) => expandVariables(file, env));
    return [
      ...mounts.map((path) => ({ path, by: name, isMounted: true })),
      ...files.map((path) => ({ path, by: name, isMounted: false })),
    ];
  });
  const secretsFolder = env.CALLSPAN_SECRETS_DIR || './secrets';
  const ofSecrets = Object.entries(compose.secrets ?? {}).map(([name, { file = '' }]) => ({
    path: expandVariables(file, env),
    by: `the secret ${name}`,
    isMounted: true,
  }));
  return [...ofServices, ...ofSecrets].filter(({ path }) => !path.startsWith(secretsFolder));
}

function asList(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** Whether the folders of this machine that volumes lie in are there and can be written. */
export function checkVolumes(compose: ComposeFile, folder: string, env: NodeJS.ProcessEnv): readonly Finding[] {
  return Object.entries(compose.volumes ?? {}).flatMap(([name, volume]) => {
    const device = volume?.driver_opts?.device;
    if (device === undefined) return [];
    const where = expandVariables(device, env);
    // Told as a missing variable.
    if (where === '') return [];
    return [checkVolume(name, resolve(folder, where))];
  });
}

function checkVolume(name: string, where: string): Finding {
  const id = 'stack.volume';
  const found = statSync(where, { throwIfNoEntry: false });
  if (!found?.isDirectory()) {
    const what = `the folder of the volume ${name} ${found ? 'is a file' : 'is not there'}`;
    return { id, level: 'error', what, where, wayOut: `make it, on a disk of its own: mkdir -m 0700 ${where}` };
  }
  try {
    accessSync(where, constants.W_OK | constants.X_OK);
  } catch (error) {
    const isRoots = found.uid === 0 && (error as NodeJS.ErrnoException).code === 'EACCES';
    const what = `the folder of the volume ${name} cannot be written`;
    if (!isRoots)
      return { id, level: 'error', what, where, wayOut: 'give it to your user, or mount its disk writable' };
    // volume-owner gives it to root at the first start, and the containers that write it are root.
  }
  return { id, level: 'ok', what: `the folder of the volume ${name} can be written`, where, wayOut: '' };
}
