import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { codeOf } from './disk.ts';

const OWNER_FILE = 'owner.json';
/** Folders of a dead process, while their files are taken over. */
const ADOPTED_PREFIX = 'from-';
/** A process of another host or container cannot be asked whether it lives: its sign of life may be so old. */
const FOREIGN_SILENCE_MS = 2 * 60_000;
/** A folder is made before its owner is written. */
const NEW_FOLDER_MS = 60_000;

/**
 * Whose a folder is: a number of a process comes again, but not with the same start. Containers may have the host's name,
 * and do not see each other's processes: only in one's own `namespace` can a process be asked whether it lives.
 */
type Owner = { readonly host: string; readonly namespace: string; readonly pid: number; readonly start: string };

/** The folder of this process below the root, and the ones that nobody owns any more. */
export type Membership = {
  readonly folder: string;
  /** Makes the folder where it is not, and says that we live. @throws what the system says */
  renew(): void;
  /**
   * Takes over the folders of processes that are dead.
   * @param onFailure told of each that cannot be had; the others are
   * @returns the folders, now inside our own
   */
  adopt(onFailure: (name: string, error: unknown) => void): string[];
  /** Removes the folder when it is empty. */
  leave(): void;
};

/** @param member name of our folder, unlike any other */
export function createMembership(root: string, member: string): Membership {
  const folder = join(root, member);
  const { pid } = process;
  const self: Owner = { host: hostname(), namespace: namespaceOf(), pid, start: startOf(pid) ?? '' };
  const renew = () => {
    const now = new Date();
    try {
      utimesSync(join(folder, OWNER_FILE), now, now);
    } catch {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(join(folder, OWNER_FILE), JSON.stringify(self), { mode: 0o600 });
    }
  };
  return {
    folder,
    renew,
    adopt(onFailure) {
      for (const name of namesIn(root)) {
        if (name === member || !name.startsWith('p') || !isAbandoned(join(root, name), self)) continue;
        try {
          renew();
          take(join(root, name), join(folder, ADOPTED_PREFIX + name));
        } catch (error) {
          onFailure(name, error);
        }
      }
      return adoptedIn(folder);
    },
    leave: () => removeIfEmpty(folder),
  };
}

/** Files of a folder; none where it is not there. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** Removes a folder that holds nothing but its owner's mark. Never throws. */
export function removeIfEmpty(folder: string): void {
  try {
    if (readdirSync(folder).some((name) => name !== OWNER_FILE)) return;
    rmSync(join(folder, OWNER_FILE), { force: true });
    rmdirSync(folder);
  } catch {
    // Another file has come, or the folder has gone, or cannot be read: all are right.
  }
}

/** Renaming is atomic: of two processes that try, one wins. */
function take(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/** Also those that the dead process had not finished taking over itself. */
function adoptedIn(folder: string): string[] {
  return namesIn(folder)
    .filter((name) => name.startsWith(ADOPTED_PREFIX))
    .flatMap((name) => [...adoptedIn(join(folder, name)), join(folder, name)]);
}

function isAbandoned(folder: string, self: Owner): boolean {
  try {
    const silentMs = Date.now() - statSync(folder).mtimeMs;
    const owner = readOwner(folder);
    if (!owner) return silentMs > NEW_FOLDER_MS;
    const isAskable = owner.host === self.host && owner.namespace === self.namespace;
    if (!isAskable) return Date.now() - statSync(join(folder, OWNER_FILE)).mtimeMs > FOREIGN_SILENCE_MS;
    return !isAlive(owner);
  } catch {
    // It went away while we looked.
    return false;
  }
}

function readOwner(folder: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, OWNER_FILE), 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, start }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
  const startNow = startOf(pid);
  return startNow === undefined || startNow === start;
}

/** Which processes this one sees; empty off Linux. */
function namespaceOf(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

/** When a process started, in ticks since boot; `gone` for one that only waits to be reaped; undefined off Linux. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in brackets, may hold anything: proc(5).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? 'gone' : fields[19];
  } catch {
    return undefined;
  }
}
