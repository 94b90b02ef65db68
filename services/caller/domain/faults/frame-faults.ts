/** Chance in percent and where its draws come from. */
export type Chance = { readonly percent: number; readonly random: () => number };

const happens = (chance: Chance | undefined) => chance !== undefined && chance.random() * 100 < chance.percent;

/** Frames that never reach the media stream: nothing numbers them, media time goes on. */
export type Loss = {
  /** The frame, or undefined when it is lost. */
  pass(frame: Uint8Array): Uint8Array | undefined;
  /** `trailing`: lost after the last frame that came, so that no jump tells of them. `longestRun`: most frames lost in a row. */
  figures(): {
    readonly count: number;
    readonly frames: number;
    readonly longestRun: number;
    readonly trailing: number;
  };
};

export function createLoss(chance: Chance | undefined): Loss {
  let count = 0;
  let frames = 0;
  let trailing = 0;
  let longestRun = 0;
  return {
    pass(frame) {
      frames += 1;
      if (!happens(chance)) {
        trailing = 0;
        return frame;
      }
      count += 1;
      trailing += 1;
      longestRun = Math.max(longestRun, trailing);
      return undefined;
    },
    figures: () => ({ count, frames, longestRun, trailing }),
  };
}

/** Numbered frames that arrive in another order, or twice. */
export type Shuffle = {
  /** What is sent for a message now, in order: nothing while a frame is held back for its neighbour. */
  pass(message: string, isFrame: boolean): string[];
  /** The frame that is still held back, when no neighbour comes any more. */
  flush(): string[];
  figures(): { readonly swapped: number; readonly duplicated: number; readonly frames: number };
};

export function createShuffle(swap: Chance | undefined, duplicate: Chance | undefined): Shuffle {
  let held: string[] = [];
  let swapped = 0;
  let duplicated = 0;
  let frames = 0;
  const copies = (message: string) => {
    if (!happens(duplicate)) return [message];
    duplicated += 1;
    return [message, message];
  };
  const flush = () => {
    const last = held;
    held = [];
    return last;
  };
  return {
    pass(message, isFrame) {
      if (!isFrame) return [message];
      frames += 1;
      const isSwapped = happens(swap);
      const now = copies(message);
      if (held.length > 0) {
        swapped += 1;
        return [...now, ...flush()];
      }
      if (!isSwapped) return now;
      held = now;
      return [];
    },
    flush,
    figures: () => ({ swapped, duplicated, frames }),
  };
}
