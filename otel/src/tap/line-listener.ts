import type { CallTrace, KitTools } from '../call/call.ts';
import { Metric } from '../conventions/index.ts';
import type { TurnWatch } from '../gap/turn-watch.ts';
import type { LineListener } from '../media/media-line.ts';

type Listening = { readonly turns: () => TurnWatch; readonly call: CallTrace; readonly tools: KitTools };

/** What the line does goes to the turns that it belongs to, and into the metrics. */
export function listenToLine({ turns, call, tools }: Listening): LineListener {
  const { instruments, problems } = tools;
  return {
    // When the frame came, not when it was looked at.
    speechBegan: (run) => turns().speechBegan(run, run.endArrivedAtMs),
    markBack: (mark, backAtMs, delayMs) => {
      turns().markBack(mark, backAtMs);
      if (!mark.wasCleared) instruments.record(Metric.markAckDelay, Math.max(0, delayMs) / 1000);
    },
    markPassed: (mark, passage) => turns().markPassed(mark, passage),
    markMissed: () => {
      instruments.record(Metric.markMissed, 1);
      problems.report('mark_missed', call.context);
    },
    problem: (kind) => problems.report(kind, call.context),
    jitter: (jitterMs) => instruments.record(Metric.mediaJitter, jitterMs / 1000),
  };
}
