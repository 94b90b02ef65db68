import { write, writeSync } from 'node:fs';

/** Where lines go. */
export type LineTarget = {
  /** The file descriptor for the next `bytes`. @throws when there is none */
  open(bytes: number): number;
  /** The last write failed: what `open` gave is not to be trusted. */
  failed(): void;
};

/** Writes lines without making anybody wait, and without ever throwing. */
export type LineWriter = {
  /** @param line ends with a line feed */
  write(line: string): void;
  /** Writes what waits, at once: for the end of the process. */
  flush(): void;
};

/** A busy call writes several lines in a moment: together they are one write. A killed process loses this much. */
const GATHER_MS = 50;
const MAX_CHUNK_BYTES = 64 * 1024;
/** What may wait for a slow disk or for a console that nobody reads, before lines are dropped. */
const MAX_WAITING_BYTES = 1024 * 1024;
const BUSY_RETRY_MS = 20;
/** At the end of the process a full pipe is waited for so often. */
const BUSY_RETRIES_AT_END = 25;

/** @param onLost told how many lines could not be written, and why */
export function createLineWriter(target: LineTarget, onLost: (lines: number, error: unknown) => void): LineWriter {
  const waiting: Buffer[] = [];
  let waitingBytes = 0;
  let gathering: NodeJS.Timeout | undefined;
  let isWriting = false;

  const take = (): readonly Buffer[] => {
    let bytes = 0;
    let count = 0;
    for (const line of waiting) {
      if (count > 0 && bytes + line.length > MAX_CHUNK_BYTES) break;
      bytes += line.length;
      count += 1;
    }
    waitingBytes -= bytes;
    return waiting.splice(0, count);
  };

  const writeNext = () => {
    gathering = undefined;
    const lines = take();
    if (lines.length === 0) return;
    isWriting = true;
    writeChunk(target, Buffer.concat(lines), (error) => {
      isWriting = false;
      if (error) onLost(lines.length, error);
      if (waiting.length === 0) return;
      // Each write wakes a thread, which costs more than the line: what came meanwhile gathers too.
      if (waitingBytes >= MAX_CHUNK_BYTES) writeNext();
      else gather();
    });
  };
  const gather = () => {
    gathering ??= setTimeout(writeNext, GATHER_MS).unref();
  };

  return {
    write(line) {
      const bytes = Buffer.from(line);
      if (waitingBytes + bytes.length > MAX_WAITING_BYTES) return onLost(1, new Error('too slow'));
      waitingBytes += bytes.length;
      waiting.push(bytes);
      if (!isWriting) gather();
    },
    flush() {
      clearTimeout(gathering);
      for (let lines = take(); lines.length > 0; lines = take()) {
        try {
          writeAllNow(target, Buffer.concat(lines));
        } catch (error) {
          target.failed();
          onLost(lines.length, error);
        }
      }
    },
  };
}

/** `done` may be called before this returns, when there is nothing to write to. */
function writeChunk(target: LineTarget, chunk: Buffer, done: (error?: unknown) => void): void {
  const fail = (error: unknown) => {
    target.failed();
    done(error);
  };
  const writeFrom = (fd: number, offset: number) => {
    write(fd, chunk, offset, chunk.length - offset, null, (error, written) => {
      if (error && isBusy(error)) setTimeout(() => writeFrom(fd, offset), BUSY_RETRY_MS).unref();
      else if (error) fail(error);
      else if (offset + written < chunk.length) writeFrom(fd, offset + written);
      else done();
    });
  };
  try {
    writeFrom(target.open(chunk.length), 0);
  } catch (error) {
    fail(error);
  }
}

function writeAllNow(target: LineTarget, chunk: Buffer): void {
  const fd = target.open(chunk.length);
  let offset = 0;
  for (let retries = 0; offset < chunk.length; ) {
    try {
      offset += writeSync(fd, chunk, offset);
    } catch (error) {
      retries += 1;
      if (!isBusy(error) || retries > BUSY_RETRIES_AT_END) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_RETRY_MS);
    }
  }
}

function isBusy(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EAGAIN' || code === 'EBUSY';
}
