/** Bytes of µ-law that the line plays in one 20 ms tick. */
export const FRAME_BYTES = 160;

/** Milliseconds of one tick. */
export const TICK_MS = 20;

const SILENCE = 0xff;
// Twilio discards what would make more than ten minutes wait (error 31931).
const CAPACITY_BYTES = 600 * 8000;

type Queued = { readonly bytes: Uint8Array } | { readonly mark: string };

/** What the line plays to the caller: audio in order, and marks that come back when the audio before them has really been played. */
export type Playout = {
  /** Queues µ-law audio of any length. `false`: more than ten minutes would wait, it was discarded. */
  append(bytes: Uint8Array): boolean;
  /** Queues a mark; with nothing to play it comes back at once. */
  mark(name: string): void;
  /** Drops what has not been played; all waiting marks come back now. */
  clear(): void;
  /** One tick: marks whose audio has ended come back, then the next 160 bytes start playing; undefined when there is nothing to play. */
  play(): Uint8Array | undefined;
  /** Nothing queued and nothing playing. */
  isIdle(): boolean;
};

/** An empty queue; `onMark` is called with each mark that comes back. */
export function createPlayout(onMark: (name: string) => void = () => undefined): Playout {
  let queue: Queued[] = [];
  let offset = 0;
  let queuedBytes = 0;
  let isPlaying = false;
  let due: string[] = [];

  const returnMarks = (names: readonly string[]) => {
    due = [];
    for (const name of names) onMark(name);
  };

  const fill = (frame: Uint8Array): number => {
    let filled = 0;
    for (let head = queue[0]; head !== undefined; head = queue[0]) {
      if ('mark' in head) due.push(head.mark);
      else {
        const part = head.bytes.subarray(offset, offset + frame.length - filled);
        frame.set(part, filled);
        filled += part.length;
        offset += part.length;
        if (offset < head.bytes.length) break;
        offset = 0;
      }
      queue.shift();
    }
    queuedBytes -= filled;
    return filled;
  };

  return {
    append(bytes) {
      if (queuedBytes + bytes.length > CAPACITY_BYTES) return false;
      if (bytes.length > 0) queue.push({ bytes });
      queuedBytes += bytes.length;
      return true;
    },
    mark(name) {
      if (queue.length === 0 && !isPlaying) onMark(name);
      else queue.push({ mark: name });
    },
    clear() {
      const waiting = [...due, ...queue.flatMap((item) => ('mark' in item ? [item.mark] : []))];
      queue = [];
      offset = 0;
      queuedBytes = 0;
      returnMarks(waiting);
    },
    play() {
      returnMarks(due);
      const frame = new Uint8Array(FRAME_BYTES).fill(SILENCE);
      isPlaying = fill(frame) > 0;
      if (!isPlaying) returnMarks(due);
      return isPlaying ? frame : undefined;
    },
    isIdle: () => queue.length === 0 && !isPlaying,
  };
}
