/**
 * One thing that the doctor looked at: the type that every check of `npm run doctor` returns.
 * A finding that is not `ok` always says a way out, because a sign without one helps nobody at night.
 */

/** How bad a finding is: `error` makes the doctor exit with 1, `warning` does not. */
export type FindingLevel = 'ok' | 'warning' | 'error';

/** What one check found. Texts are one line each and never hold a secret's value. */
export interface Finding {
  /** Stable name of the check, dotted and lower case, e.g. `secret.strength` or `stack.volume-writable`. */
  id: string;
  /** How bad it is. */
  level: FindingLevel;
  /** What was seen, a sentence with its figures. */
  what: string;
  /** The file, variable, port or address that it is about. */
  where: string;
  /** What to do; empty only when the level is `ok`. */
  wayOut: string;
}
