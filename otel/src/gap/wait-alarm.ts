import type { KitTools } from '../call/call.ts';
import { findLimit, LONGEST_TIMER_MS, limitFacts, type StageLimit } from '../call/limits.ts';
import type { OpenTurn } from '../call/observer.ts';
import { Attr, LogEvent, Metric, Stage } from '../conventions/index.ts';

/** A wait of the caller for a turn's reply. Monotonic milliseconds. */
export type Wait = {
  /** The caller's speech ended. */
  readonly sinceMs: number;
  /** The caller is still waiting, as far as is known. */
  readonly isWaiting: (nowMs: number) => boolean;
};

type Tools = Pick<KitTools, 'limits' | 'log' | 'instruments'>;

/** Tells of a wait that has passed the critical limit of `response_gap` while it lasts, once a turn. Without such a limit it does nothing. */
export class WaitAlarm {
  readonly #tools: Tools;
  readonly #limit: StageLimit | undefined;
  readonly #now: () => number;
  readonly #look: () => void;
  readonly #timers = new Map<OpenTurn, NodeJS.Timeout>();
  readonly #told = new WeakSet<OpenTurn>();
  #isClosed = false;

  /**
   * @param now monotonic milliseconds
   * @param look makes known what the line has done until now; it may end the wait
   */
  constructor(tools: Tools, now: () => number, look: () => void = () => undefined) {
    this.#tools = tools;
    this.#limit = findLimit(tools.limits, Stage.responseGap);
    this.#now = now;
    this.#look = look;
  }

  /** The caller waits from now on; said again of a turn, the later word counts. */
  arm(turn: OpenTurn, wait: Wait): void {
    this.disarm(turn);
    const limit = this.#limit;
    if (!limit || this.#isClosed || this.#told.has(turn)) return;
    const leftMs = Math.max(0, wait.sinceMs + limit.criticalMs - this.#now());
    if (leftMs + 1 > LONGEST_TIMER_MS) return;
    this.#timers.set(turn, setTimeout(() => this.#fire(turn, wait, limit), leftMs + 1).unref());
  }

  /** The caller does not wait for this turn any more. */
  disarm(turn: OpenTurn): void {
    clearTimeout(this.#timers.get(turn));
    this.#timers.delete(turn);
  }

  /** Nobody waits any more, and nobody will. */
  close(): void {
    this.#isClosed = true;
    for (const turn of [...this.#timers.keys()]) this.disarm(turn);
  }

  #fire(turn: OpenTurn, wait: Wait, limit: StageLimit): void {
    this.#timers.delete(turn);
    this.#look();
    const nowMs = this.#now();
    const waitedMs = nowMs - wait.sinceMs;
    // What was looked at may have begun another wait of the turn.
    if (this.#timers.has(turn) || !wait.isWaiting(nowMs)) return;
    // A timer may fire a little early, and exactly at the limit is not past it.
    if (waitedMs <= limit.criticalMs) this.arm(turn, wait);
    else this.#tell(turn, waitedMs, limit);
  }

  #tell(turn: OpenTurn, waitedMs: number, limit: StageLimit): void {
    this.#told.add(turn);
    const stage = Stage.responseGap;
    this.#tools.instruments.record(Metric.stageStuck, 1, { stage });
    this.#tools.log({
      event: LogEvent.stageStuck,
      severity: 'warn',
      body: `the caller is still waiting after ${Math.round(waitedMs)} ms`,
      context: turn.context,
      attributes: { ...limitFacts(limit, { level: 'critical', valueMs: waitedMs }), [Attr.stage]: stage },
    });
  }
}
