import { fdatasyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';

/** What of a disk fails when it is full or broken, hangs, or is used by too many: a seam for tests. */
export type Disk = {
  /** Opens a file that is there, to be read and written. */
  open(file: string): number;
  /** Writes all parts one after the other from a position, or throws and leaves the file at that length. */
  write(fd: number, parts: readonly Uint8Array[], at: number): void;
  /** Writes over what is at the beginning. */
  overwrite(fd: number, bytes: Uint8Array): void;
  /**
   * Returns when the disk has what was written. It blocks: what is asynchronous takes one of the four threads that the
   * whole process shares, and a disk that hangs takes them all, from every lookup and every file of the bot.
   */
  sync(fd: number): void;
};

/** The real one. */
export function createDisk(): Disk {
  return {
    open: (file) => openSync(file, 'r+'),
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
    overwrite: (fd, bytes) => void writeSync(fd, bytes, 0, bytes.length, 0),
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

/** Whether the process, or the machine, has no more files or memory to give: the file itself is as it was. */
export function isShortage(error: unknown): boolean {
  return ['EMFILE', 'ENFILE', 'ENOMEM'].includes(codeOf(error));
}

/** `ENOENT` and the like; empty for what is no error of the system. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
