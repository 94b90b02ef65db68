/** One thing that is wrong with a thresholds file. */
export type ThresholdsProblem = {
  /** From 1; of what is wrong, or of the file's beginning where no place in it is. */
  readonly line: number;
  readonly column: number;
  /** Keys from the top, with dots: `limits.reply.warning_ms`; empty for the file itself. */
  readonly path: string;
  /** What is wrong and what is expected, without the path. */
  readonly reason: string;
  /** The known name that is nearest to one that is not known. */
  readonly nearest?: string;
};

/** A thresholds file that is refused, with everything that is wrong with it: one line each in `message`. */
export class ThresholdsError extends Error {
  override readonly name = 'ThresholdsError';
  readonly code = 'thresholds_invalid';
  readonly file: string;
  readonly problems: readonly ThresholdsProblem[];

  constructor(file: string, problems: readonly ThresholdsProblem[], options?: ErrorOptions) {
    super(problems.map((problem) => formatProblem(file, problem)).join('\n'), options);
    this.file = file;
    this.problems = problems;
  }
}

/** `FILE:LINE:COLUMN PATH: REASON (did you mean NEAREST?)`, as editors make a link of it. */
export function formatProblem(file: string, { line, column, path, reason, nearest }: ThresholdsProblem): string {
  const where = `${file}:${line}:${column} ${path === '' ? '' : `${path}: `}`;
  return `${where}${reason}${nearest === undefined ? '' : ` (did you mean ${nearest}?)`}`;
}
