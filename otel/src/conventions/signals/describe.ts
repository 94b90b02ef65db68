import type { Attr } from '../attributes.ts';

/** The parts of a call that signals speak of, in the order of docs/signals.md. */
export const ROOMS = [
  'call',
  'turn',
  'gap and segments',
  'media',
  'model',
  'money',
  'limits',
  'records',
  'process',
] as const;
export type Room = (typeof ROOMS)[number];

/** What one name stands for. `unit`: of the value (`ms`, `s`, `USD`, `text`, `true/false`, what is counted). */
export type SignalDescriptor = {
  readonly room: Room;
  readonly meaning: string;
  readonly unit: string;
  readonly example: string;
  /** Who knows it: what the value is read from. */
  readonly source: string;
  /** The spans (or records) that carry it. */
  readonly on: string;
};

/** The source of a name that is fixed and that nothing of this project writes yet. */
export const RESERVED = 'reserved: nothing writes it yet';

type Key = keyof typeof Attr;
type Row = Pick<SignalDescriptor, 'meaning' | 'unit' | 'example'> & Partial<SignalDescriptor>;

/** Descriptors of attributes that share room, source and spans; a row may say otherwise for itself. */
export function describe<K extends Key>(
  shared: Pick<SignalDescriptor, 'room' | 'source' | 'on'>,
  rows: Readonly<Record<K, Row>>,
): Readonly<Record<K, SignalDescriptor>> {
  const described = Object.entries<Row>(rows).map(([key, row]) => [key, { ...shared, ...row }]);
  return Object.fromEntries(described) as Record<K, SignalDescriptor>;
}

type More = Partial<Pick<SignalDescriptor, 'on' | 'source' | 'room'>>;

/** A row whose value is text: a name, an id, one of a closed set. */
export function text(meaning: string, example: string, more: More = {}): Row {
  return { meaning, unit: 'text', example, ...more };
}

/** A row in milliseconds. */
export function ms(meaning: string, example: number, more: More = {}): Row {
  return { meaning, unit: 'ms', example: String(example), ...more };
}

/** A row that counts, or is a number with a unit of its own. */
export function count(unit: string, meaning: string, example: number, more: More = {}): Row {
  return { meaning, unit, example: String(example), ...more };
}

/** A row that is true or false. */
export function flag(meaning: string, example: boolean, more: More = {}): Row {
  return { meaning, unit: 'true/false', example: String(example), ...more };
}
