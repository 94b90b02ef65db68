import { spawn, spawnSync } from 'node:child_process';
import { delimiter } from 'node:path';

/** The first Go that builds the engines' modules. */
const NEEDED = [1, 26] as const;
const PLACES = process.env.CALLSPAN_GO ? [process.env.CALLSPAN_GO] : ['go', '/usr/local/go/bin/go'];
const STILL_EVERY_MS = 30_000;

/** A Go that is new enough, or why there is none. */
export type FoundGo = { readonly command: string } | { readonly missing: string };

/** Looks on PATH, then where Go's own archive unpacks to; only at `CALLSPAN_GO` where that is set. */
export function findGo(places: readonly string[] = PLACES): FoundGo {
  const old: string[] = [];
  for (const command of places) {
    const { stdout } = spawnSync(command, ['version'], { encoding: 'utf8', env: goEnvironment() });
    const [, major = '0', minor = '0'] = /go version go(\d+)\.(\d+)/.exec(stdout ?? '') ?? [];
    if (Number(major) > NEEDED[0] || (Number(major) === NEEDED[0] && Number(minor) >= NEEDED[1])) return { command };
    if (major !== '0') old.push(`${command} is ${major}.${minor}`);
  }
  const found = old.length > 0 ? old.join(', ') : `no Go at ${places.join(' or ')}`;
  return {
    missing: `The engine tests build their engines with Go ${NEEDED.join('.')} or newer; ${found} (see https://go.dev/doc/install; Debian's own is too old).`,
  };
}

/** What Go is run with: the module lists as they are committed, no other toolchain fetched, paths of nobody in binaries. */
export function goEnvironment(): NodeJS.ProcessEnv {
  const path = [process.env.PATH ?? '', '/usr/local/go/bin'].join(delimiter);
  return {
    ...process.env,
    PATH: path,
    GOTOOLCHAIN: 'local',
    GOWORK: 'off',
    GOFLAGS: '-trimpath -mod=readonly -buildvcs=false',
  };
}

/** Where a command runs, and who hears that it is still running. */
export type RunOptions = { readonly cwd: string; readonly onStill?: (seconds: number) => void };

/** Runs a command to its end. @throws Error with what it wrote when it fails */
export async function runCommand(command: string, args: readonly string[], options: RunOptions): Promise<void> {
  const startedAt = performance.now();
  const child = spawn(command, args, { cwd: options.cwd, env: goEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  const still = setInterval(
    () => options.onStill?.(Math.round((performance.now() - startedAt) / 1000)),
    STILL_EVERY_MS,
  );
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  }).finally(() => clearInterval(still));
  if (code !== 0)
    throw new Error(`${[command, ...args].join(' ')} ended with ${code}:\n${said.split('\n').slice(-40).join('\n')}`);
}
