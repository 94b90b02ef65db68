/** A mark that has not come back so long after its audio must have been played never will; milliseconds. */
const MISSED_AFTER_MS = 5000;
/** At the end of a stream, marks that were due so shortly before it may have been under way. */
const UNDER_WAY_MS = 500;
const MARKS_KEPT = 1000;

/** `reply`: follows the first audible frame; `clear`: follows a clear; undefined: the bot's own. */
export type ProbePurpose = 'reply' | 'clear';

/** A mark that was sent and has not come back. Times are monotonic milliseconds. */
export type Mark = {
  readonly name: string;
  readonly probe: ProbePurpose | undefined;
  readonly turnIndex: number | undefined;
  /** The audio before it, milliseconds since the stream began. */
  readonly pos: number;
  readonly sentAtMs: number;
  /** When its audio would have been played on a line without any delay. */
  readonly dueMs: number;
  /** A clear was sent after it: its return says nothing about playing. */
  wasCleared: boolean;
};

/** The marks of one stream, the bot's and the kit's. */
export class MarkLedger {
  sent = 0;
  acked = 0;
  flushed = 0;
  missed = 0;
  /** How much later than on a line without any delay the slowest mark came back, milliseconds. */
  ackDelayMaxMs: number | undefined;
  #pending: Mark[] = [];

  add(mark: Mark): void {
    this.sent += 1;
    this.#pending.push(mark);
    if (this.#pending.length > MARKS_KEPT) this.#pending.shift();
  }

  /** A clear was sent: what is under way comes back unheard. */
  clear(): void {
    for (const mark of this.#pending) mark.wasCleared = true;
  }

  /** A mark came back; undefined when nobody sent it, or it had come back before. */
  take(name: string, atMs: number): Mark | undefined {
    const at = this.#pending.findIndex((mark) => mark.name === name);
    const [mark] = at < 0 ? [] : this.#pending.splice(at, 1);
    if (!mark) return undefined;
    if (mark.wasCleared) this.flushed += 1;
    else {
      this.acked += 1;
      this.ackDelayMaxMs = Math.max(this.ackDelayMaxMs ?? 0, atMs - mark.dueMs);
    }
    return mark;
  }

  /** Marks that will never come back, given that the line plays until `playedUntilMs(mark)`. */
  expire(atMs: number, playedUntilMs: (mark: Mark) => number): Mark[] {
    if (this.#pending.length === 0) return [];
    const isOver = (mark: Mark) =>
      atMs > Math.max(mark.sentAtMs, mark.wasCleared ? 0 : playedUntilMs(mark)) + MISSED_AFTER_MS;
    const lost = this.#pending.filter(isOver);
    if (lost.length > 0) this.#pending = this.#pending.filter((mark) => !lost.includes(mark));
    this.missed += lost.length;
    return lost;
  }

  /** The stream is over: what has not come back is missed, unless the line was cleared or still had it to play. Returns those. */
  close(atMs: number, playedUntilMs: (mark: Mark) => number): Mark[] {
    const lost = this.#pending.filter((mark) => !mark.wasCleared && playedUntilMs(mark) < atMs - UNDER_WAY_MS);
    this.#pending = [];
    this.missed += lost.length;
    return lost;
  }
}
