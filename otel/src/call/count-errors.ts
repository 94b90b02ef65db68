import { Attr, ErrorType, Metric } from '../conventions/index.ts';
import type { Instruments } from '../instruments.ts';
import type { CallObserver } from './observer.ts';

/** Counts each stage that fails, in a call or outside of one, as `voice.errors`. */
export function countErrors(instruments: Instruments): CallObserver {
  return {
    stageEnding(_stage, _endedAtMs, failure) {
      // Being cut short by the caller is no error.
      if (!failure || failure === ErrorType.cancelled) return;
      instruments.record(Metric.errors, 1, { [Attr.errorType]: failure, severity: 'error' });
    },
  };
}
