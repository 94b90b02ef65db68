import { fdatasyncSync, ftruncateSync, writeSync } from 'node:fs';

/** Writing is the part of a disk that fails when it is full, syncing the one that hangs: a seam for tests. */
export type Disk = {
  /** Writes all parts one after the other from a position, or throws and leaves the file at that length. */
  write(fd: number, parts: readonly Uint8Array[], at: number): void;
  /**
   * Returns when the disk has what was written. It blocks: what is asynchronous takes one of the four threads that the
   * whole process shares, and a disk that hangs takes them all, from every lookup and every file of the bot.
   */
  sync(fd: number): void;
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
    sync: fdatasyncSync,
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
