import type { OpenTurn } from '../call/observer.ts';
import type { TurnRecord } from './turn-record.ts';

/** The turns of a call that are open now, oldest first. Numbers are the bot's own: one may be used again, even at once. */
export class OpenTurns {
  readonly #records = new Map<OpenTurn, TurnRecord>();

  add(record: TurnRecord): void {
    this.#records.set(record.turn, record);
  }

  of(turn: OpenTurn): TurnRecord | undefined {
    return this.#records.get(turn);
  }

  /** The newest of that number. */
  numbered(index: number | undefined): TurnRecord | undefined {
    let found: TurnRecord | undefined;
    for (const record of this.#records.values()) if (record.turn.index === index) found = record;
    return found;
  }

  get newest(): TurnRecord | undefined {
    let newest: TurnRecord | undefined;
    for (const record of this.#records.values()) newest = record;
    return newest;
  }

  remove(turn: OpenTurn): void {
    this.#records.delete(turn);
  }

  [Symbol.iterator](): Iterator<TurnRecord> & Iterable<TurnRecord> {
    return this.#records.values();
  }
}
