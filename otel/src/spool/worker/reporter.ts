const ONE_MINUTE_MS = 60_000;

/** Tells each kind of problem at most once a minute, with how often it came since it was last told. */
export type Reporter = (kind: string, text: string) => void;

/** @param now monotonic milliseconds, for tests */
export function createReporter(tell: (kind: string, text: string) => void, now = () => performance.now()): Reporter {
  const kinds = new Map<string, { untold: number; toldAtMs: number }>();
  return (kind, text) => {
    const known = kinds.get(kind) ?? { untold: 0, toldAtMs: Number.NEGATIVE_INFINITY };
    kinds.set(kind, known);
    known.untold += 1;
    if (now() - known.toldAtMs < ONE_MINUTE_MS) return;
    tell(kind, known.untold === 1 ? text : `${text} (${known.untold} times since it was last told)`);
    known.untold = 0;
    known.toldAtMs = now();
  };
}
