import { type Context, ROOT_CONTEXT } from '@opentelemetry/api';
import { Attr, LogEvent } from '../conventions/index.ts';
import { errorFacts } from '../error-type.ts';
import type { KitLog } from './kit-log.ts';

const ONE_MINUTE_MS = 60_000;

/** Counts what went wrong inside the kit or on the line, and logs each kind at most once a minute. */
export type Problems = {
  /** @param kind low-cardinality, for example `bad_message` */
  report(kind: string, context?: Context, error?: unknown): void;
  count(kind: string): number;
};

/** @param now monotonic milliseconds, for tests */
export function createProblems(log: KitLog, now: () => number = () => performance.now()): Problems {
  const kinds = new Map<string, { count: number; told: number; toldAtMs: number }>();
  return {
    report(kind, context = ROOT_CONTEXT, error) {
      const known = kinds.get(kind) ?? { count: 0, told: 0, toldAtMs: Number.NEGATIVE_INFINITY };
      kinds.set(kind, known);
      known.count += 1;
      if (now() - known.toldAtMs < ONE_MINUTE_MS) return;
      const times = known.count - known.told;
      known.told = known.count;
      known.toldAtMs = now();
      const facts = error === undefined ? {} : { [Attr.exceptionType]: errorFacts(error).type };
      log({
        event: LogEvent.mediaProblem,
        severity: 'warn',
        body: times === 1 ? kind : `${kind}, ${times} times since it was last told`,
        context,
        attributes: { kind, times, ...facts },
      });
    },
    count: (kind) => kinds.get(kind)?.count ?? 0,
  };
}
