import { describeFault, FAULT_NAMES, type FaultName } from './catalogue.ts';
import { ENDINGS } from './ending.ts';

/** A fault that was asked for; `figures` by the names of the catalogue, all of them present. */
export type OrderedFault = { readonly name: FaultName; readonly figures: Readonly<Record<string, number>> };

/** Text that asks for no fault that exists, or for impossible figures. `message` is one line. */
export class FaultOrderError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FaultOrderError';
  }
}

/**
 * Reads `NAME[=FIGURE[/FIGURE]][,NAME…]`, as in `jitter=120,loss=5,stall=400/5000`. A name may stand once, and a call ends in one way only.
 * @throws FaultOrderError naming the nearest known name, or what a figure may be.
 */
export function parseFaults(text: string): OrderedFault[] {
  const faults = text.split(',').map((part) => parseFault(part.trim()));
  const twice = faults.find(({ name }, index) => faults.findIndex((one) => one.name === name) !== index);
  if (twice) throw new FaultOrderError(`${twice.name} is asked for twice`);
  const [end, otherEnd] = faults.filter(({ name }) => ENDINGS.some((one) => one === name));
  if (end && otherEnd) throw new FaultOrderError(`${end.name} and ${otherEnd.name} both end the stream: ask for one`);
  return faults;
}

function parseFault(text: string): OrderedFault {
  const [written = '', figures] = splitOnce(text, '=');
  const name = FAULT_NAMES.find((one) => one === written);
  if (name === undefined) {
    throw new FaultOrderError(
      `"${written}": no such fault; the nearest is ${findNearest(written)} (--faults list tells all)`,
    );
  }
  return { name, figures: parseFigures(name, figures?.split('/') ?? []) };
}

function parseFigures(name: FaultName, written: readonly string[]): Record<string, number> {
  const known = describeFault(name).figures;
  if (written.length > known.length) {
    const takes = known.map((one) => one.says).join('/') || 'no figure';
    throw new FaultOrderError(`${name}=${written.join('/')}: ${name} takes ${takes}`);
  }
  return Object.fromEntries(
    known.map(({ name: figure, says, usual, least, most }, index) => {
      const text = written[index];
      const value = text === undefined ? usual : /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
      if (value >= least && value <= most) return [figure, value];
      const order = `${name}=${written.join('/')}`;
      throw new FaultOrderError(`${order}: ${says} must be a number from ${least} to ${most}, not "${text}"`);
    }),
  );
}

function splitOnce(text: string, by: string): [string, string?] {
  const at = text.indexOf(by);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function findNearest(written: string): FaultName {
  const distances = FAULT_NAMES.map((name) => ({ name, distance: countEdits(written.toLowerCase(), name) }));
  return distances.reduce((best, one) => (one.distance < best.distance ? one : best)).name;
}

/** Levenshtein distance: letters to insert, delete or replace. */
function countEdits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (let at = 1; at <= to.length; at += 1) {
      const replaced = (row[at - 1] ?? 0) + (letter === to[at - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
