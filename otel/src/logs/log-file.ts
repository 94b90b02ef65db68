import { closeSync, fstatSync, mkdirSync, openSync, renameSync, type Stats, statSync } from 'node:fs';
import { dirname, extname } from 'node:path';
import type { LineTarget } from './line-writer.ts';

/** A file that is set aside when it is full. */
export type LogFileOptions = {
  /** The name of the current file, always. */
  readonly path: string;
  readonly maxBytes: number;
  /** So many full files stay beside the current one: `combined.1.log` is the youngest. */
  readonly kept: number;
};

const LOOK_AGAIN_MS = 1000;

/**
 * The current log file. When the next lines would make it larger than `maxBytes` it is renamed and a new one begun, so
 * that no line is in two files. A file that somebody else renamed or removed is begun anew within a second.
 * @param now milliseconds, for tests
 */
export function createLogFile(options: LogFileOptions, now: () => number = () => performance.now()): LineTarget {
  const { path, maxBytes, kept } = options;
  let current: { readonly fd: number; readonly file: Stats; size: number } | undefined;
  let lookedAtMs = 0;

  const close = () => {
    const fd = current?.fd;
    current = undefined;
    if (fd !== undefined) closeQuietly(fd);
  };
  const begin = () => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
    const fd = openSync(path, 'a', 0o640);
    const file = fstatSync(fd);
    lookedAtMs = now();
    current = { fd, file, size: file.size };
    return current;
  };
  const begun = () => {
    if (current && now() - lookedAtMs > LOOK_AGAIN_MS) {
      lookedAtMs = now();
      if (!isSame(current.file, path)) close();
    }
    return current ?? begin();
  };

  return {
    open(bytes) {
      let file = begun();
      if (file.size > 0 && file.size + bytes > maxBytes) {
        // Another process may share the file and have set it aside already.
        const isOurs = isSame(file.file, path);
        close();
        if (isOurs) setAside(path, kept);
        file = begin();
      }
      file.size += bytes;
      return file.fd;
    },
    failed: close,
  };
}

function setAside(path: string, kept: number): void {
  for (let number = kept - 1; number >= 1; number -= 1) renameIfThere(nameOf(path, number), nameOf(path, number + 1));
  renameSync(path, nameOf(path, 1));
}

/** `combined.log`, 1: `combined.1.log`. */
function nameOf(path: string, number: number): string {
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}.${number}${extension}`;
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function isSame(file: Stats, path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && found.ino === file.ino && found.dev === file.dev;
}

function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // What cannot be closed is of no use either.
  }
}
