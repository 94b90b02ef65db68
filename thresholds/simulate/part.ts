import type { Trouble } from './calls.ts';
import type { Gap } from './counters.ts';
import type { Day } from './day.ts';
import type { Expected } from './expected.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

/** Something that goes wrong, or looks as if, from one instant of the day to another. */
export type Part = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly trouble?: Trouble;
  /** A call comes at its beginning, and none by chance for a while before and after. */
  readonly isOnlyCall?: boolean;
  /** What else is measured meanwhile. */
  readonly happen?: (day: Day) => void;
  readonly gaps?: readonly Gap[];
  /** Alarms that the executions of calls do not tell of. */
  readonly expected?: readonly Expected[];
};
