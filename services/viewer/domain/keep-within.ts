import type { Clock } from '../../line/clock.ts';
import type { TelemetryStore } from './ports.ts';

/** Retention presets (`CALLSPAN_RETENTION`), in hours. */
export const RETENTION_HOURS = { development: 48, staging: 7 * 24, production: 30 * 24 } as const;
export type RetentionPreset = keyof typeof RETENTION_HOURS;

/** The longest that what people said is kept, in hours, whatever the preset. */
const CONTENT_HOURS = 7 * 24;

/** Traces deleted in one transaction: some milliseconds. */
const STEP_TRACES = 50;
/** Content records deleted in one transaction. */
const STEP_CONTENT = 1000;
/** Rows looked at in one step of a sweep: some milliseconds. */
const STEP_SWEEP = 2000;
const NEXT_SWEEP_MS = 3_600_000;
const NEXT_STEP_MS = 50;
const NEXT_ROUND_MS = 60_000;

/** What is kept, and for how long. */
export type RetentionOptions = {
  readonly store: Pick<TelemetryStore, 'deleteOld' | 'deleteOldContent' | 'sweep'>;
  readonly clock: Clock;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly preset: RetentionPreset;
  readonly onError: (error: unknown) => void;
};

/**
 * Deletes what is older than the preset, content that is older than a week, and once an hour what only they have referred to, in
 * small steps so that nobody waits for it. @returns stops it
 */
export function keepWithin({ store, clock, now, preset, onError }: RetentionOptions): () => void {
  const keepMs = RETENTION_HOURS[preset] * 3_600_000;
  const keepContentMs = Math.min(keepMs, CONTENT_HOURS * 3_600_000);
  let cancel = () => {};
  let cancelSweep = () => {};
  const step = () => {
    let isMoreLeft = false;
    try {
      const contents = store.deleteOldContent(now() - keepContentMs, STEP_CONTENT);
      const traces = store.deleteOld(now() - keepMs, STEP_TRACES);
      isMoreLeft = contents === STEP_CONTENT || traces === STEP_TRACES;
    } catch (error) {
      onError(error);
    }
    cancel = clock.after(isMoreLeft ? NEXT_STEP_MS : NEXT_ROUND_MS, step, { unref: true });
  };
  const sweep = () => {
    let isMoreLeft = false;
    try {
      isMoreLeft = store.sweep(STEP_SWEEP);
    } catch (error) {
      onError(error);
    }
    cancelSweep = clock.after(isMoreLeft ? NEXT_STEP_MS : NEXT_SWEEP_MS, sweep, { unref: true });
  };
  cancel = clock.after(NEXT_STEP_MS, step, { unref: true });
  // After the first round of what is old: a process that is started often sweeps, too.
  cancelSweep = clock.after(NEXT_ROUND_MS, sweep, { unref: true });
  return () => {
    cancel();
    cancelSweep();
  };
}
