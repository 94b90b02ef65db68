import { TICK_MS } from '../playout.ts';

/** Faults that end a media stream. */
export const ENDINGS = ['half-open', 'abnormal-close', 'no-stop'] as const;
/** Name of a fault that ends a media stream. */
export type EndingName = (typeof ENDINGS)[number];

/** When a stream ends wrongly: so long after the caller began a step of the script (counted from 0; null: after the stream began). */
export type EndingPlan = { readonly atStep: number | null; readonly afterMs: number };

/** Waits for its moment, tick by tick. */
export type EndingMoment = {
  readonly plan: EndingPlan;
  /** The caller begins a step. */
  beginStep(index: number): void;
  /** One tick of the line; true once, when the moment has come. */
  tick(): boolean;
};

const LONGEST_AFTER_MS = 1500;
const EMPTY_SCRIPT_AFTER_MS = { least: 2000, most: 6000 };

/** A random moment in the second half of a script; a script without steps gets one 2 to 6 s after the stream began. */
export function createEndingMoment(stepCount: number, random: () => number): EndingMoment {
  const plan = createPlan(stepCount, random);
  let left = plan.atStep === null ? plan.afterMs / TICK_MS : null;
  return {
    plan,
    beginStep(index) {
      if (index === plan.atStep) left ??= plan.afterMs / TICK_MS;
    },
    tick() {
      if (left === null || left < 0) return false;
      left -= 1;
      return left < 0;
    },
  };
}

function createPlan(stepCount: number, random: () => number): EndingPlan {
  const whole = (share: number, least: number, most: number) => least + Math.floor(share * (most - least));
  const ticks = (least: number, most: number) => TICK_MS * whole(random(), least / TICK_MS, most / TICK_MS);
  if (stepCount === 0) {
    return { atStep: null, afterMs: ticks(EMPTY_SCRIPT_AFTER_MS.least, EMPTY_SCRIPT_AFTER_MS.most) };
  }
  return { atStep: whole(random(), Math.floor(stepCount / 2), stepCount), afterMs: ticks(0, LONGEST_AFTER_MS) };
}
