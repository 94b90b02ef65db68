import { isProbeName, probeName } from './probe-marks.ts';

const PING_EVERY_MS = 5000;
const PING_TEXT = 'callspan';

/** A pong that came: whether the kit had asked for it, and how long it took (monotonic milliseconds) when that is certain. */
type Pong = { readonly isOwn: boolean; readonly roundTripMs?: number };

/** What the kit has asked the other end for and has not got back: its marks and its pings. */
export class Outstanding {
  readonly #probes = new Set<string>();
  #probesSent = 0;
  #pingsOut = 0;
  #pingedAtMs = Number.NEGATIVE_INFINITY;

  /** Everything has come back. */
  get isEmpty(): boolean {
    return this.#probes.size === 0 && this.#pingsOut === 0;
  }

  /** The name of a mark that is now sent. */
  nextProbe(): string {
    this.#probesSent += 1;
    const name = probeName(this.#probesSent);
    this.#probes.add(name);
    return name;
  }

  /** A mark came back; true when it is one of the kit's. */
  probeBack(name: string): boolean {
    this.#probes.delete(name);
    return isProbeName(name, this.#probesSent);
  }

  /** Lets `send` send a ping, unless one was sent less than five seconds before `nowMs` (monotonic). */
  ping(nowMs: number, send: (text: string) => void): void {
    if (nowMs - this.#pingedAtMs < PING_EVERY_MS) return;
    this.#pingedAtMs = nowMs;
    this.#pingsOut += 1;
    send(PING_TEXT);
  }

  /** A pong came at `nowMs`, monotonic. */
  pongBack(text: string, nowMs: number): Pong {
    if (text !== PING_TEXT) return { isOwn: false };
    const pingsOut = this.#pingsOut;
    this.#pingsOut = Math.max(0, pingsOut - 1);
    // A ping that went unanswered for five seconds is not told from the next: its answer is no measure.
    return pingsOut === 1 ? { isOwn: true, roundTripMs: nowMs - this.#pingedAtMs } : { isOwn: true };
  }
}
