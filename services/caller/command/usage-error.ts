/** A command line or environment that cannot be meant as it is written: exit code 2, and nothing was called. `message` is one line. */
export class UsageError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'UsageError';
  }
}

/** Runs what reads a person's input; whatever it throws is wrong usage. @throws UsageError with the same message, `before` put in front. */
export function readInput<T>(read: () => T, before = ''): T {
  try {
    return read();
  } catch (cause) {
    throw new UsageError(`${before}${(cause as Error).message.split('\n', 1)[0]}`, cause);
  }
}
