/** One subcommand of `npm run thresholds`. */
export type Command = {
  /** What stands behind its name in the help. */
  readonly usage: string;
  readonly purpose: string;
  /**
   * @returns the exit code: 0 as it should be, 1 something is wrong with what was looked at
   * @throws UsageError for arguments that it does not know, ThresholdsError for a file that is refused
   */
  run(args: readonly string[], surroundings: Surroundings): Promise<number> | number;
};

/** What a command may use of the process that it runs in. */
export type Surroundings = {
  readonly env: Readonly<Record<string, string | undefined>>;
  print(line: string): void;
};

/** A command that was called wrongly; its message is one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
