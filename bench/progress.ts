/** Tells how far a long run is, where a person looks on. */
export function tellProgress(done: number, all: number, what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${all} ${what}${done >= all ? '\n' : ''}`);
}
