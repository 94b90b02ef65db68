import type { Clock } from '../../line/clock.ts';
import type { TelemetryStore } from './ports.ts';

/** Retention presets (`CALLSPAN_RETENTION`), in hours. */
export const RETENTION_HOURS = { development: 48, staging: 7 * 24, production: 30 * 24 } as const;
export type RetentionPreset = keyof typeof RETENTION_HOURS;

/** Traces deleted in one transaction: some milliseconds. */
const STEP_TRACES = 50;
const NEXT_STEP_MS = 50;
const NEXT_ROUND_MS = 60_000;

/** What is kept, and for how long. */
export type RetentionOptions = {
  readonly store: Pick<TelemetryStore, 'deleteOld'>;
  readonly clock: Clock;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly preset: RetentionPreset;
  readonly onError: (error: unknown) => void;
};

/** Deletes what is older than the preset, in small steps so that nobody waits for it. @returns stops it */
export function keepWithin({ store, clock, now, preset, onError }: RetentionOptions): () => void {
  const keepMs = RETENTION_HOURS[preset] * 3_600_000;
  let cancel = () => {};
  const step = () => {
    let deleted = 0;
    try {
      deleted = store.deleteOld(now() - keepMs, STEP_TRACES);
    } catch (error) {
      onError(error);
    }
    cancel = clock.after(deleted === STEP_TRACES ? NEXT_STEP_MS : NEXT_ROUND_MS, step, { unref: true });
  };
  cancel = clock.after(NEXT_STEP_MS, step, { unref: true });
  return () => cancel();
}
