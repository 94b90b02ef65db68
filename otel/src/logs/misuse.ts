import type { Context } from '@opentelemetry/api';
import { warnQuietly } from '../quiet-warning.ts';
import type { Problems } from './problems.ts';

/** What the app gave the kit in the middle of a call, where nothing may be thrown. */
export type Misuse = {
  /** Of the problem; low-cardinality. */
  readonly kind: string;
  readonly context: Context;
  /** What would be thrown elsewhere. */
  readonly error: TypeError;
};

/** Tells of a misuse: as a problem, and in words to whoever started the process. */
export function reportMisuse(problems: Problems, { kind, context, error }: Misuse): void {
  problems.report(kind, context, error);
  warnQuietly(error.message);
}
