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
  const queue = createQueue();
  let isPlaying = false;
  let due: string[] = [];
  const returnMarks = (names: readonly string[]) => {
    due = [];
    for (const name of names) onMark(name);
  };
  return {
    append(bytes) {
      if (queue.bytes() + bytes.length > CAPACITY_BYTES) return false;
      if (bytes.length > 0) queue.push({ bytes });
      return true;
    },
    mark(name) {
      if (queue.isEmpty() && !isPlaying) onMark(name);
      else queue.push({ mark: name });
    },
    clear: () => returnMarks([...due, ...queue.clear()]),
    play() {
      returnMarks(due);
      const frame = new Uint8Array(FRAME_BYTES).fill(SILENCE);
      isPlaying = queue.take(frame, (name) => due.push(name)) > 0;
      if (!isPlaying) returnMarks(due);
      return isPlaying ? frame : undefined;
    },
    isIdle: () => queue.isEmpty() && !isPlaying,
  };
}

function createQueue() {
  let items: Queued[] = [];
  let offset = 0;
  let queuedBytes = 0;
  return {
    bytes: () => queuedBytes,
    isEmpty: () => items.length === 0,
    push(item: Queued): void {
      items.push(item);
      if ('bytes' in item) queuedBytes += item.bytes.length;
    },
    /** Fills the frame as far as it can, tells the marks it passed, returns how many bytes it filled. */
    take(frame: Uint8Array, onPassed: (mark: string) => void): number {
      let filled = 0;
      for (let head = items[0]; head !== undefined; head = items[0]) {
        if ('mark' in head) onPassed(head.mark);
        else {
          const part = head.bytes.subarray(offset, offset + frame.length - filled);
          frame.set(part, filled);
          filled += part.length;
          offset += part.length;
          if (offset < head.bytes.length) break;
          offset = 0;
        }
        items.shift();
      }
      queuedBytes -= filled;
      return filled;
    },
    /** Empties the queue and returns the marks that were in it. */
    clear(): string[] {
      const marks = items.flatMap((item) => ('mark' in item ? [item.mark] : []));
      items = [];
      offset = 0;
      queuedBytes = 0;
      return marks;
    },
  };
}
