/** Runs work of the kit inside somebody else's code: what it throws is reported once, and never reaches the app. */
export type Guard = <T>(work: () => T) => T | undefined;

/** @param report told of the first failure of each message */
export function createGuard(report: (error: unknown) => void): Guard {
  const told = new Set<string>();
  return (work) => {
    try {
      return work();
    } catch (error) {
      const text = String(error);
      if (told.size < 20 && !told.has(text)) {
        told.add(text);
        report(error);
      }
      return undefined;
    }
  };
}
