import type { CallTrace, KitTools } from '../call/call.ts';
import type { CallSpan } from '../call/open-spans.ts';
import { Attr, LogEvent, Metric, SpanName } from '../conventions/index.ts';
import type { DeadAirReport } from './dead-air.ts';
import { startIn } from './turn-spans.ts';

/** Writes silences above the limit as spans of the call, each with one log line while it lasts. */
export function createDeadAirSpans(
  call: CallTrace,
  { log, instruments }: Pick<KitTools, 'log' | 'instruments'>,
): DeadAirReport {
  let open: CallSpan | undefined;
  return {
    began(sinceMs) {
      open = startIn(call, call.context, { name: SpanName.deadAir, startedAtMs: sinceMs });
      const silentMs = Math.round(call.clock.now() - sinceMs);
      log({
        event: LogEvent.mediaProblem,
        severity: 'warn',
        body: `nobody has been heard for ${silentMs} ms`,
        context: call.context,
        attributes: { kind: 'dead_air', silentMs },
      });
    },
    ended({ sinceMs, untilMs, cause }) {
      open?.span.setAttribute(Attr.deadAirCause, cause);
      open?.end(untilMs);
      open = undefined;
      instruments.record(Metric.deadAir, (untilMs - sinceMs) / 1000, { cause });
    },
  };
}
