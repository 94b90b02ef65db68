import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { basename } from 'node:path';

const LISTEN_STATE = '0A';

/** True when something listens on a loopback port. */
export function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const answer = (taken: boolean) => {
      socket.destroy();
      resolve(taken);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}

/** Who listens on a port, as `name (pid)`, where the system tells (Linux, own processes); else undefined. */
export function findHolder(port: number): string | undefined {
  try {
    const inode = listeningInodes(port);
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      if (holdsAny(pid, inode)) return `${describeProcess(pid)} (pid ${pid})`;
    }
  } catch {
    // Not Linux, or not ours to see.
  }
  return undefined;
}

function describeProcess(pid: string): string {
  const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  const service = words.map((word) => /services\/(\w+)\/main\.ts$/.exec(word)?.[1]).find(Boolean);
  return service ? `another Callspan's ${service}` : basename(words[0] || 'a process');
}

function listeningInodes(port: number): ReadonlySet<string> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => readFileSync(file, 'utf8').split('\n').slice(1));
  const columns = lines.map((line) => line.trim().split(/\s+/));
  const listening = columns.filter(([, local, , state]) => local?.endsWith(suffix) && state === LISTEN_STATE);
  return new Set(listening.map((line) => `socket:[${line[9]}]`));
}

function holdsAny(pid: string, inodes: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => inodes.has(readlinkSync(`/proc/${pid}/fd/${fd}`)));
  } catch {
    return false;
  }
}
