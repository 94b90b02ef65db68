import type { SpanContext } from '@opentelemetry/api';

const KEPT_FOR_MS = 5 * 60_000;
const MOST_KEPT = 2000;

/** The webhook of a call: the span that is the root of its trace. */
export type WebhookPlace = { readonly span: SpanContext };

type Kept = {
  readonly place: WebhookPlace;
  untilMs: number;
  /** When the webhook was answered that begins the next stream, as far as is known; epoch milliseconds. */
  answeredAtMs?: number | undefined;
  hasStream: boolean;
};

/** Remembers for five minutes which trace a call began with: its media stream comes without a traceparent. */
export class WebhookPlaces {
  readonly #kept = new Map<string, Kept>();
  readonly #now: () => number;

  /** @param now epoch milliseconds, for tests */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Remembers it from now on; what is known of answers stays known. */
  remember(callSid: string, place: WebhookPlace): void {
    const known = this.#find(callSid) ?? { hasStream: false };
    this.#kept.delete(callSid);
    this.#kept.set(callSid, { ...known, place, untilMs: this.#now() + KEPT_FOR_MS });
    // Oldest first: entries stand in the order in which they were remembered.
    for (const [sid, { untilMs }] of this.#kept) {
      if (untilMs > this.#now() && this.#kept.size <= MOST_KEPT) break;
      this.#kept.delete(sid);
    }
  }

  find(callSid: string): WebhookPlace | undefined {
    return this.#find(callSid)?.place;
  }

  /**
   * A webhook of the call was answered. The last one that was answered with verbs before a stream starts is the one that
   * began it: a menu came before, a callback begins nothing. Of a bot whose verbs are not known as such it is the first.
   * @param hasVerbs it was answered with TwiML
   */
  answered(callSid: string, hasVerbs: boolean): void {
    const kept = this.#find(callSid);
    if (!kept) return;
    if (hasVerbs || (kept.answeredAtMs === undefined && !kept.hasStream)) kept.answeredAtMs = this.#now();
  }

  /** A stream of the call starts. @returns when the webhook was answered that began it, epoch milliseconds, if that is known */
  streamStarted(callSid: string): number | undefined {
    const kept = this.#find(callSid);
    const answeredAtMs = kept?.answeredAtMs;
    if (kept) Object.assign(kept, { answeredAtMs: undefined, hasStream: true });
    return answeredAtMs;
  }

  #find(callSid: string): Kept | undefined {
    const kept = this.#kept.get(callSid);
    return kept && kept.untilMs > this.#now() ? kept : undefined;
  }
}
