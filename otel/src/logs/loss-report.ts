const ONE_MINUTE_MS = 60_000;

/** Lines that a file could not take. */
export type Loss = {
  readonly path: string;
  /** Since the process began. */
  readonly lines: number;
  /** Since it was last told. */
  readonly untold: number;
  /** Why not the last ones: a code (`ENOSPC`), or a message. */
  readonly reason: string;
};

/**
 * Counts the lines that files could not take, and has it told once a minute for each file.
 * @param now milliseconds, for tests
 */
export function createLossReport(
  tell: (loss: Loss) => void,
  now: () => number = () => performance.now(),
): (path: string, lines: number, error: unknown) => void {
  const lost = new Map<string, { lines: number; told: number; toldAtMs: number }>();
  return (path, lines, error) => {
    const known = lost.get(path) ?? { lines: 0, told: 0, toldAtMs: Number.NEGATIVE_INFINITY };
    lost.set(path, known);
    known.lines += lines;
    if (now() - known.toldAtMs < ONE_MINUTE_MS) return;
    const untold = known.lines - known.told;
    known.told = known.lines;
    known.toldAtMs = now();
    const { code, message } = error as NodeJS.ErrnoException;
    tell({ path, lines: known.lines, untold, reason: code ?? message });
  };
}
