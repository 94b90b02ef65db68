import { ftruncateSync, writeSync } from 'node:fs';

/** Writing is the part of a disk that fails when it is full: a seam for tests. */
export type Disk = {
  /** Writes all parts one after the other from a position, or throws and leaves the file at that length. */
  write(fd: number, parts: readonly Uint8Array[], at: number): void;
};

/** The real one. */
export function createDisk(): Disk {
  return {
    write(fd, parts, at) {
      let end = at;
      try {
        for (const part of parts) {
          for (let done = 0; done < part.length; ) {
            done += writeSync(fd, part, done, part.length - done, end + done);
          }
          end += part.length;
        }
      } catch (error) {
        ftruncateSync(fd, at);
        throw error;
      }
    },
  };
}

/**
 * Whether a write failed because there is no room: a full disk, a used-up quota. A file that may not grow any more (EFBIG)
 * does not say so: the next one may.
 */
export function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(codeOf(error));
}

/** `ENOENT` and the like; empty for what is no error of the system. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
