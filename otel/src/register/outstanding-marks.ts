/** More than a bot has under way that marks each frame of a minute's answer. */
const MOST_KEPT = 4000;

/**
 * The marks of a bot that have not come back, oldest first, each with the turn that it followed. Bots give many marks one
 * name, so the order counts as well: a carrier gives them back as they were sent, also when it is told to clear.
 */
export class OutstandingMarks<T extends object> {
  readonly #marks: { readonly name: string; readonly turn: T | undefined }[] = [];

  /** A mark is sent; the oldest is forgotten when too many are under way. */
  sent(name: string, turn: T | undefined): void {
    this.#marks.push({ name, turn });
    if (this.#marks.length > MOST_KEPT) this.#marks.shift();
  }

  /** One came back: the oldest of that name; those before it, which the carrier has lost, are given up. @returns its turn */
  back(name: string): T | undefined {
    const at = this.#marks.findIndex((mark) => mark.name === name);
    return this.#marks.splice(0, at + 1).at(-1)?.turn;
  }

  /** Whether one that followed this turn is under way. */
  isOut(turn: T): boolean {
    return this.#marks.some((mark) => mark.turn === turn);
  }
}
