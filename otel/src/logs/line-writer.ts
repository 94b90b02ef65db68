import { write, writeSync } from 'node:fs';

/** Where lines go. */
export type LineTarget = {
  /** The file descriptor for the next `bytes`. @throws when there is none */
  open(bytes: number): number;
  /** The last write failed: what `open` gave is not to be trusted. */
  failed(error: unknown): void;
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

/** Lines on their way, and how far they have come. */
type Chunk = {
  readonly lines: number;
  readonly bytes: Buffer;
  readonly fd: number;
  offset: number;
  /** Set while a busy target is waited for; else a thread has the bytes and writes them, whatever becomes of us. */
  retry: NodeJS.Timeout | undefined;
};

/** @param onLost told how many lines could not be written, and why */
export function createLineWriter(target: LineTarget, onLost: (lines: number, error: unknown) => void): LineWriter {
  const waiting = createQueue();
  let gathering: NodeJS.Timeout | undefined;
  let underWay: Chunk | undefined;
  const lose = (lines: number, error: unknown) => {
    target.failed(error);
    onLost(lines, error);
  };

  const writeNext = () => {
    gathering = undefined;
    const lines = waiting.take();
    if (lines.length === 0) return;
    const bytes = Buffer.concat(lines);
    try {
      underWay = { lines: lines.length, bytes, fd: target.open(bytes.length), offset: 0, retry: undefined };
      writeChunk(underWay, ended);
    } catch (error) {
      underWay = undefined;
      lose(lines.length, error);
      goOn();
    }
  };
  const ended = ({ lines }: Chunk, error?: unknown) => {
    underWay = undefined;
    if (error) lose(lines, error);
    goOn();
  };
  const goOn = () => {
    if (waiting.bytes === 0) return;
    // Each write wakes a thread, which costs more than the line: what came meanwhile gathers too.
    if (waiting.bytes >= MAX_CHUNK_BYTES) writeNext();
    else gather();
  };
  const gather = () => {
    gathering ??= setTimeout(writeNext, GATHER_MS).unref();
  };

  const writeNow = (lines: number, write: () => void) => {
    try {
      write();
    } catch (error) {
      lose(lines, error);
    }
  };
  return {
    write(line) {
      if (!waiting.push(Buffer.from(line))) onLost(1, new Error('too slow'));
      else if (!underWay) gather();
    },
    flush() {
      clearTimeout(gathering);
      gathering = undefined;
      const busy = underWay?.retry && underWay;
      if (busy) {
        clearTimeout(busy.retry);
        underWay = undefined;
        writeNow(busy.lines, () => writeAllNow(busy.fd, busy.bytes, busy.offset));
      }
      for (let lines = waiting.take(); lines.length > 0; lines = waiting.take()) {
        const bytes = Buffer.concat(lines);
        writeNow(lines.length, () => writeAllNow(target.open(bytes.length), bytes, 0));
      }
    },
  };
}

function createQueue() {
  const lines: Buffer[] = [];
  let waitingBytes = 0;
  return {
    get bytes() {
      return waitingBytes;
    },
    /** False when there is no room for the line. */
    push(line: Buffer): boolean {
      if (waitingBytes + line.length > MAX_WAITING_BYTES) return false;
      waitingBytes += line.length;
      lines.push(line);
      return true;
    },
    /** The lines of one write. */
    take(): readonly Buffer[] {
      let bytes = 0;
      let count = 0;
      for (const line of lines) {
        if (count > 0 && bytes + line.length > MAX_CHUNK_BYTES) break;
        bytes += line.length;
        count += 1;
      }
      waitingBytes -= bytes;
      return lines.splice(0, count);
    },
  };
}

function writeChunk(chunk: Chunk, done: (chunk: Chunk, error?: unknown) => void): void {
  const { fd, bytes } = chunk;
  const writeOn = () => {
    write(fd, bytes, chunk.offset, bytes.length - chunk.offset, null, (error, written) => {
      if (error && isBusy(error)) return waitFor(writeBusy);
      if (error) return done(chunk, error);
      chunk.offset += written;
      return chunk.offset < bytes.length ? writeOn() : done(chunk);
    });
  };
  // A target that can be busy makes nobody wait: written here, it is known at any moment how far the chunk has come.
  const writeBusy = () => {
    chunk.retry = undefined;
    try {
      chunk.offset += writeSync(fd, bytes, chunk.offset);
    } catch (error) {
      if (!isBusy(error)) return done(chunk, error);
    }
    return chunk.offset < bytes.length ? waitFor(writeBusy) : done(chunk);
  };
  const waitFor = (again: () => void) => {
    chunk.retry = setTimeout(again, BUSY_RETRY_MS).unref();
  };
  writeOn();
}

function writeAllNow(fd: number, bytes: Buffer, from: number): void {
  let offset = from;
  for (let retries = 0; offset < bytes.length; ) {
    try {
      offset += writeSync(fd, bytes, offset);
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
