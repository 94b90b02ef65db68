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
  clear(): void;
};

const ERROR_TYPES: readonly (ErrorTypeName | undefined)[] = [undefined, ...Object.values(ErrorType)];
const NO_TURN = -1;

/** An empty ring. `capacity`: how many measures it holds; the oldest goes first. */
export function createMeasureRing(capacity: number): MeasureRing {
  const durations = new Float64Array(capacity);
  const ends = new Float64Array(capacity);
  const timestamps = new Float64Array(capacity);
  const turns = new Int32Array(capacity);
  const failures = new Uint8Array(capacity);
  const kinds: (MeasureKind | undefined)[] = new Array(capacity);
  const places: (MeasurePlace | undefined)[] = new Array(capacity);
  const messages = new Map<number, string>();
  let next = 0;
  let size = 0;

  const read = (slot: number, kind: MeasureKind): Measure =>
    measureOf({
      kind,
      place: places[slot] ?? {},
      turnIndex: turns[slot] === NO_TURN ? undefined : turns[slot],
      durationMs: durations[slot] ?? 0,
      endedAtMs: ends[slot] ?? 0,
      timestampMs: timestamps[slot] ?? 0,
      errorType: ERROR_TYPES[failures[slot] ?? 0],
      errorMessage: messages.get(slot),
    });
  return {
    get size() {
      return size;
    },
    add({ kind, place, turnIndex, durationMs, endedAtMs, timestampMs, errorType, errorMessage }) {
      const slot = next;
      next = (next + 1) % capacity;
      size = Math.min(size + 1, capacity);
      durations[slot] = durationMs;
      ends[slot] = endedAtMs;
      timestamps[slot] = timestampMs;
      turns[slot] = turnIndex ?? NO_TURN;
      failures[slot] = ERROR_TYPES.indexOf(errorType);
      kinds[slot] = kind;
      places[slot] = place;
      if (errorMessage !== undefined) messages.set(slot, errorMessage);
      else if (messages.size > 0) messages.delete(slot);
    },
    visit(visit) {
      for (let back = 1; back <= size; back += 1) {
        const slot = (next - back + capacity) % capacity;
        const kind = kinds[slot];
        if (!kind) continue;
        const kept = {
          kind,
          durationMs: durations[slot] ?? 0,
          endedAtMs: ends[slot] ?? 0,
          errorType: ERROR_TYPES[failures[slot] ?? 0],
        };
        if (!visit(kept, () => read(slot, kind))) return;
      }
    },
    clear() {
      next = 0;
      size = 0;
      kinds.fill(undefined);
      places.fill(undefined);
      messages.clear();
    },
  };
}

/** The measure that an entry is: frozen, and without what it has not. */
export function measureOf({ kind, place, ...entry }: MeasureEntry): Measure {
  const { turnIndex, errorType, errorMessage } = entry;
  return Object.freeze({
    stage: kind.stage,
    name: kind.name,
    durationMs: entry.durationMs,
    status: statusOf(errorType),
    timestampMs: entry.timestampMs,
    ...place,
    ...(turnIndex === undefined ? {} : { turnIndex }),
    ...(kind.provider === undefined ? {} : { provider: kind.provider }),
    ...(kind.model === undefined ? {} : { model: kind.model }),
    ...(errorType === undefined ? {} : { errorType }),
    ...(errorMessage === undefined ? {} : { errorMessage }),
  });
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
