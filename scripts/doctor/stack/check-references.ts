import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Finding } from '../finding.ts';
import { type ComposeFile, expandVariables } from './compose-files.ts';

type Reference = { readonly path: string; readonly by: string };

/** Whether every file that Compose mounts or reads is there. Secrets of production are looked at by `checkStackSecrets`. */
export function checkReferences(compose: ComposeFile, folder: string, env: NodeJS.ProcessEnv): readonly Finding[] {
  const references = listReferences(compose, env).filter(({ path }) => path.startsWith('.'));
  const missing = references.filter(({ path }) => !existsSync(join(folder, path)));
  if (missing.length === 0) {
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

function listReferences(compose: ComposeFile, env: NodeJS.ProcessEnv): readonly Reference[] {
  const ofServices = Object.entries(compose.services).flatMap(([name, service]) => {
    const mounts = asList(service.volumes).map((mount) => expandVariables(mount, env).split(':')[0] ?? '');
    const files = asList(service.env_file).map((file) => expandVariables(file, env));
    return [...mounts, ...files].map((path) => ({ path, by: name }));
  });
  const secretsFolder = env.CALLSPAN_SECRETS_DIR || './secrets';
  const ofSecrets = Object.entries(compose.secrets ?? {}).map(([name, { file = '' }]) => ({
    path: expandVariables(file, env),
    by: `the secret ${name}`,
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
