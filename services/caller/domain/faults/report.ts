import { FRAME_BYTES, TICK_MS } from '../playout.ts';
import type { FaultName } from './catalogue.ts';
import type { EndingPlan } from './ending.ts';
import type { OrderedFault } from './fault-order.ts';
import type { Loss, Shuffle } from './frame-faults.ts';
import type { MarkFaults } from './mark-faults.ts';
import type { NetworkFigures } from './network.ts';

/**
 * What a fault did to a call: its own figures as asked for, and
 * `jitter`: `count` messages delayed, `largestDelayMs`, `meanDelayMs`; `loss`: `count` of `frames` lost, `lostMs`, `longestGapMs`, `trailing` (lost
 * after the last frame that came, so that no jump shows them); `stall`: `count` stalls in which something was held, `heldFromLine` and `heldFromBot` messages,
 * `largestDelayMs`; `reorder`: `count` pairs of `frames` swapped; `duplicate`: `count` of `frames` twice; `drift`: `count` frames, `gainedMs` that media
 * time ran ahead; `late-mark`: `count` of `marks` delayed; `lost-mark`: `count` of `marks` dropped; `half-open`, `abnormal-close`, `no-stop`:
 * `count` 1 when it came to that, `atStep` and `afterMs` of the plan, `atSample` of the media clock where it struck (null: it did not).
 */
export type FaultReport = { readonly name: FaultName } & FaultCount;

type FaultCount = { readonly count: number; readonly [figure: string]: string | number | null };

/** All that was counted. */
export type FaultFigures = {
  readonly network: NetworkFigures;
  readonly loss: ReturnType<Loss['figures']>;
  readonly shuffle: ReturnType<Shuffle['figures']>;
  readonly marks: ReturnType<MarkFaults['figures']>;
  readonly ticks: number;
  readonly endedAtTick: number | null;
  readonly plan: EndingPlan | null;
};

/** One report for each fault that was asked for. */
export function createFaultReports(faults: readonly OrderedFault[], figures: FaultFigures): FaultReport[] {
  return faults.map((fault) => ({ name: fault.name, ...fault.figures, ...describe(fault, figures) }));
}

function describe({ name, figures: asked }: OrderedFault, figures: FaultFigures): FaultCount {
  const { network, loss, shuffle, marks, ticks } = figures;
  switch (name) {
    case 'jitter':
      return network.jitter;
    case 'stall':
      return network.stall;
    case 'loss':
      return describeLoss(loss);
    case 'reorder':
      return { count: shuffle.swapped, frames: shuffle.frames };
    case 'duplicate':
      return { count: shuffle.duplicated, frames: shuffle.frames };
    case 'drift': {
      const ppm = asked.ppm ?? 0;
      const wallMs = (ticks * TICK_MS) / (1 + ppm / 1e6);
      return { count: ticks, gainedMs: Math.round((ticks * TICK_MS - wallMs) * 100) / 100 };
    }
    case 'late-mark':
      return { count: marks.delayed, marks: marks.marks };
    case 'lost-mark':
      return { count: marks.dropped, marks: marks.marks };
    default:
      return describeEnding(figures);
  }
}

function describeLoss({ longestRun, ...loss }: FaultFigures['loss']): FaultCount {
  return { ...loss, lostMs: loss.count * TICK_MS, longestGapMs: longestRun * TICK_MS };
}

function describeEnding({ endedAtTick, plan }: FaultFigures): FaultCount {
  const atSample = endedAtTick === null ? null : (endedAtTick - 1) * FRAME_BYTES;
  return {
    count: endedAtTick === null ? 0 : 1,
    atStep: plan?.atStep ?? null,
    afterMs: plan?.afterMs ?? null,
    atSample,
  };
}
