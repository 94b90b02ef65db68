import { ErrorType, type ErrorTypeName, type StageName } from '../conventions/index.ts';
import type { Measure, MeasureFilter, MeasureStatus } from './measure.ts';

/** What executions of one kind share: kept once. */
export type MeasureKind = {
  readonly stage: StageName;
  readonly name: string;
  readonly provider: string | undefined;
  readonly model: string | undefined;
};

/** Where executions happened: one object for all of a call's. */
export type MeasurePlace = {
  readonly callSid?: string;
  readonly streamSid?: string;
  readonly traceId?: string;
};

/** A measure as it is recorded. `endedAtMs` is monotonic, `timestampMs` the same instant in epoch milliseconds. */
export type MeasureEntry = {
  readonly kind: MeasureKind;
  readonly place: MeasurePlace;
  readonly turnIndex: number | undefined;
  readonly durationMs: number;
  readonly endedAtMs: number;
  readonly timestampMs: number;
  readonly errorType: ErrorTypeName | undefined;
  readonly errorMessage: string | undefined;
};

/** One kept measure, without the object that it would be. */
export type KeptMeasure = Pick<MeasureEntry, 'kind' | 'durationMs' | 'endedAtMs' | 'errorType'>;

/** The last measures in columns: a full ring of 10,000 takes about half a megabyte beside the ids of its calls. */
export type MeasureRing = {
  /** How many it holds now. */
  readonly size: number;
  add(entry: MeasureEntry): void;
  /** Every measure that it holds, newest first, until `visit` returns false. */
  visit(visit: (kept: KeptMeasure, read: () => Measure) => boolean): void;
};

const ERROR_TYPES: readonly (ErrorTypeName | undefined)[] = [undefined, ...Object.values(ErrorType)];
const NO_TURN = -1;

/** One value a measure of each; those of strings are references. */
type Columns = {
  readonly length: number;
  readonly durations: Float64Array;
  readonly ends: Float64Array;
  readonly timestamps: Float64Array;
  readonly turns: Int32Array;
  readonly failures: Uint8Array;
  readonly kinds: (MeasureKind | undefined)[];
  readonly places: (MeasurePlace | undefined)[];
};

const FIRST_LENGTH = 128;

/** An empty ring. `capacity`: how many measures it holds; the oldest goes first. Its columns grow with what is in them. */
export function createMeasureRing(capacity: number): MeasureRing {
  let columns = createColumns(Math.min(FIRST_LENGTH, capacity));
  const messages = new Map<number, string>();
  let next = 0;
  let size = 0;

  const read = (slot: number, kind: MeasureKind): Measure =>
    measureOf({
      kind,
      place: columns.places[slot] ?? {},
      turnIndex: columns.turns[slot] === NO_TURN ? undefined : columns.turns[slot],
      durationMs: columns.durations[slot] ?? 0,
      endedAtMs: columns.ends[slot] ?? 0,
      timestampMs: columns.timestamps[slot] ?? 0,
      errorType: ERROR_TYPES[columns.failures[slot] ?? 0],
      errorMessage: messages.get(slot),
    });
  return {
    get size() {
      return size;
    },
    add(entry) {
      if (size === columns.length && size < capacity) {
        columns = grown(columns, Math.min(size * 2, capacity));
        next = size;
      }
      const slot = next;
      next = (next + 1) % columns.length;
      size = Math.min(size + 1, columns.length);
      writeSlot(columns, slot, entry);
      if (entry.errorMessage !== undefined) messages.set(slot, entry.errorMessage);
      else if (messages.size > 0) messages.delete(slot);
    },
    visit(visit) {
      for (let back = 1; back <= size; back += 1) {
        const slot = (next - back + columns.length) % columns.length;
        const kind = columns.kinds[slot];
        if (!kind) continue;
        const kept = {
          kind,
          durationMs: columns.durations[slot] ?? 0,
          endedAtMs: columns.ends[slot] ?? 0,
          errorType: ERROR_TYPES[columns.failures[slot] ?? 0],
        };
        if (!visit(kept, () => read(slot, kind))) return;
      }
    },
  };
}

function createColumns(length: number): Columns {
  return {
    length,
    durations: new Float64Array(length),
    ends: new Float64Array(length),
    timestamps: new Float64Array(length),
    turns: new Int32Array(length),
    failures: new Uint8Array(length),
    kinds: [],
    places: [],
  };
}

/** Before it is full for good, a ring has never gone round: its slots keep their numbers. */
function grown(old: Columns, length: number): Columns {
  const columns = createColumns(length);
  columns.durations.set(old.durations);
  columns.ends.set(old.ends);
  columns.timestamps.set(old.timestamps);
  columns.turns.set(old.turns);
  columns.failures.set(old.failures);
  return { ...columns, kinds: old.kinds, places: old.places };
}

function writeSlot(columns: Columns, slot: number, entry: MeasureEntry): void {
  columns.durations[slot] = entry.durationMs;
  columns.ends[slot] = entry.endedAtMs;
  columns.timestamps[slot] = entry.timestampMs;
  columns.turns[slot] = entry.turnIndex ?? NO_TURN;
  columns.failures[slot] = ERROR_TYPES.indexOf(entry.errorType);
  columns.kinds[slot] = entry.kind;
  columns.places[slot] = entry.place;
}

/** The measure that an entry is: frozen, and without what it has not. */
export function measureOf({ kind, place, ...entry }: MeasureEntry): Measure {
  const { turnIndex, errorType, errorMessage } = entry;
  const measure: { -readonly [K in keyof Measure]: Measure[K] } = {
    stage: kind.stage,
    name: kind.name,
    durationMs: entry.durationMs,
    status: statusOf(errorType),
    timestampMs: entry.timestampMs,
    ...place,
  };
  if (turnIndex !== undefined) measure.turnIndex = turnIndex;
  if (kind.provider !== undefined) measure.provider = kind.provider;
  if (kind.model !== undefined) measure.model = kind.model;
  if (errorType !== undefined) measure.errorType = errorType;
  if (errorMessage !== undefined) measure.errorMessage = errorMessage;
  return Object.freeze(measure);
}

/** The status that a failure makes. */
export function statusOf(errorType: ErrorTypeName | undefined): MeasureStatus {
  if (errorType === undefined || errorType === ErrorType.cancelled) return 'success';
  return errorType === ErrorType.timeout ? 'timeout' : 'error';
}

/** Whether a filter means measures of this kind. */
export function isMeant({ stage, provider }: MeasureFilter, kind: MeasureKind): boolean {
  return (stage === undefined || kind.stage === stage) && (provider === undefined || kind.provider === provider);
}
