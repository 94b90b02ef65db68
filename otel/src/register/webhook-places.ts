import type { SpanContext } from '@opentelemetry/api';

const KEPT_FOR_MS = 5 * 60_000;
const MOST_KEPT = 2000;

/** The webhook of a call: the span that is the root of its trace. */
export type WebhookPlace = {
  readonly span: SpanContext;
  /** Epoch milliseconds; undefined until the answer is sent. */
  answeredAtMs?: number;
};

type Kept = { readonly place: WebhookPlace; untilMs: number };

/** Remembers for five minutes which trace a call began with: its media stream comes without a traceparent. */
export class WebhookPlaces {
  readonly #kept = new Map<string, Kept>();
  readonly #now: () => number;

  /** @param now epoch milliseconds, for tests */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  remember(callSid: string, place: WebhookPlace): void {
    this.#kept.delete(callSid);
    this.#kept.set(callSid, { place, untilMs: this.#now() + KEPT_FOR_MS });
    // Oldest first: entries stand in the order in which they were remembered.
    for (const [sid, { untilMs }] of this.#kept) {
      if (untilMs > this.#now() && this.#kept.size <= MOST_KEPT) break;
      this.#kept.delete(sid);
    }
  }

  find(callSid: string): WebhookPlace | undefined {
    const kept = this.#kept.get(callSid);
    return kept && kept.untilMs > this.#now() ? kept.place : undefined;
  }
}
