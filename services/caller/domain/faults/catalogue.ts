/** A figure of a fault: what it is called in reports, what it says in a person's words, its usual value, and what it may be. */
type FaultFigure = {
  readonly name: string;
  readonly says: string;
  readonly usual: number;
  readonly least: number;
  readonly most: number;
};

type FaultEntry = { readonly does: string; readonly figures: readonly FaultFigure[] };

const ms = (name: string, says: string, usual: number): FaultFigure => ({
  name,
  says: `${says} in milliseconds`,
  usual,
  least: 0,
  most: 60_000,
});
const percent = (usual: number): FaultFigure => ({
  name: 'percent',
  says: 'the percentage of frames',
  usual,
  least: 0,
  most: 100,
});

/**
 * Every fault of the line: what it does in one line, and its figures in the order in which they are written (`NAME=FIRST/SECOND`).
 * `loss`: the frame is lost before the stream numbers it, so chunk and timestamp jump and sequenceNumber does not. `late-mark` and `lost-mark`:
 * the mark is late or lost before it is numbered, too. All others act on numbered messages.
 */
export const FAULTS = {
  jitter: {
    does: 'each message of the line is delayed by 0 to 80 ms, order kept',
    figures: [ms('maxDelayMs', 'the longest delay', 80)],
  },
  loss: { does: '2 % of the frames never come: media time jumps, sequence numbers do not', figures: [percent(2)] },
  stall: {
    does: 'for 400 ms about every 5 s nothing passes in either direction, then all of it in order',
    figures: [
      ms('holdMs', 'the length of a stall', 400),
      { ...ms('everyMs', 'the time between stalls', 5000), least: 20 },
    ],
  },
  reorder: { does: '2 % of the frames change places with the next frame', figures: [percent(2)] },
  duplicate: { does: '2 % of the frames come twice', figures: [percent(2)] },
  drift: {
    does: 'the clock of the media runs 300 ppm faster than the wall clock',
    figures: [{ name: 'ppm', says: 'the drift in parts per million', usual: 300, least: -100_000, most: 100_000 }],
  },
  'late-mark': {
    does: 'marks come back 300 ms after their audio was played',
    figures: [ms('delayMs', 'the delay of a mark', 300)],
  },
  'lost-mark': {
    does: 'one mark in 3 never comes back',
    figures: [{ name: 'oneIn', says: 'N of one mark in N', usual: 3, least: 1, most: 1000 }],
  },
  'half-open': {
    does: 'in the second half of the script the line falls silent; the socket stays open for 15 s',
    figures: [ms('giveUpMs', 'the time until the caller gives up', 15_000)],
  },
  'abnormal-close': { does: 'in the second half of the script the socket breaks without a close frame', figures: [] },
  'no-stop': { does: 'in the second half of the script the caller hangs up: a close without stop', figures: [] },
} as const satisfies Readonly<Record<string, FaultEntry>>;

/** A name of the catalogue. */
export type FaultName = keyof typeof FAULTS;

/** All names, in the order in which they are told. */
export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[];

/** What the catalogue says of a fault, with the figures as a plain list. */
export function describeFault(name: FaultName): FaultEntry {
  return FAULTS[name];
}
