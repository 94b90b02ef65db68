import { createBackoff } from './backoff.ts';
import { READ_BYTES } from './lane.ts';
import { mergeableCount, mergeBodies } from './merge.ts';
import { judge, type Outcome } from './outcome.ts';
import type { Signal } from './protocol.ts';
import type { Reporter } from './reporter.ts';
import type { Sender } from './send.ts';
import type { Parcel } from './settling.ts';
import type { Storage } from './storage.ts';

/** What comes one after the other waits so long for company: a request costs the thread more than all that is in it. */
const LINGER_MS = 500;
/** Credentials are not mended in seconds, and asking often looks like an attack. */
const UNAUTHORIZED_PAUSE_MS = 30_000;

/** Sends one lane to its receiver, one request at a time, for ever. */
export type Delivery = {
  /** Something has been stored. */
  wake(): void;
  /** Where to; before it is told, everything waits. */
  setSender(sender: Sender): void;
  /**
   * Tries at once, unless the receiver asked for a pause. Resolves when the lane is empty, an attempt has failed or the
   * time is over; 0: does not wait, and tries nothing before its time.
   */
  drain(deadlineMs: number): Promise<void>;
};

/** What runs the attempts: what is due, and how they went. */
type State = {
  sender: Sender | undefined;
  timer: NodeJS.Timeout | undefined;
  running: Promise<void> | undefined;
  /** Monotonic: before that the receiver asked not to be asked. */
  notBeforeMs: number;
  /** Monotonic: before that nothing is tried but a last attempt, however much is stored meanwhile. */
  pausedUntilMs: number;
  /** So many records are sent alone: one of a merged request was refused. */
  alone: number;
  /** One request at a time: the same memory serves them all. */
  readonly scratch: Buffer;
};

function createState(): State {
  return {
    sender: undefined,
    timer: undefined,
    running: undefined,
    notBeforeMs: 0,
    pausedUntilMs: 0,
    alone: 0,
    scratch: Buffer.allocUnsafeSlow(READ_BYTES),
  };
}

/** @param report told what a person should read */
export function createDelivery(signal: Signal, storage: Storage, report: Reporter): Delivery {
  const backoff = createBackoff();
  const state = createState();
  const schedule = (afterMs: number) => {
    state.timer ??= setTimeout(() => {
      state.timer = undefined;
      void start();
    }, afterMs);
  };
  const pause = (forMs: number) => {
    state.pausedUntilMs = performance.now() + forMs;
    // What was stored during the attempt has set an earlier one.
    clearTimeout(state.timer);
    state.timer = undefined;
    schedule(forMs);
  };
  const start = () => {
    state.running ??= work().finally(() => {
      state.running = undefined;
    });
    return state.running;
  };
  const work = async () => {
    for (let parcel = take(); state.sender && parcel; parcel = take()) {
      const body = mergeBodies(signal, parcel.records, state.scratch);
      const reply = await state.sender.send(body, parcel.records[0]?.protobuf ?? false);
      const pauseMs = conclude(parcel, judge(reply, signal, Date.now()));
      if (pauseMs !== undefined) {
        pause(pauseMs);
        return;
      }
    }
  };
  const take = () => takeParcel(storage, signal, state.alone > 0 ? 1 : undefined);
  const conclude = (parcel: Parcel, outcome: Outcome): number | undefined => {
    if (outcome.kind === 'retry') {
      report('unreachable', `${signal} wait on disk: the receiver can not be reached (${outcome.reason})`);
      if (outcome.afterMs !== undefined) state.notBeforeMs = performance.now() + outcome.afterMs;
      return Math.max(outcome.afterMs ?? 0, backoff.nextMs());
    }
    if (outcome.kind === 'unauthorized') {
      report(
        'unauthorized',
        `${signal} wait on disk: the receiver answers ${outcome.status}; see OTEL_EXPORTER_OTLP_HEADERS`,
      );
      return UNAUTHORIZED_PAUSE_MS;
    }
    backoff.reset();
    if (outcome.kind === 'delivered') storage.settleDelivered(parcel, outcome.rejected);
    else if (parcel.records.length > 1) state.alone = parcel.records.length + 1;
    else storage.settleDead(parcel, `http-${outcome.status}`);
    state.alone = Math.max(0, state.alone - 1);
    return undefined;
  };
  return {
    wake: () => schedule(LINGER_MS),
    setSender(sender) {
      state.sender = sender;
      schedule(0);
    },
    async drain(deadlineMs) {
      if (performance.now() < (deadlineMs > 0 ? state.notBeforeMs : state.pausedUntilMs)) return;
      clearTimeout(state.timer);
      state.timer = undefined;
      const { promise: deadline, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, deadlineMs);
      await Promise.race([start(), deadline]);
      clearTimeout(timer);
    },
  };
}

/** The next records that one request can carry. */
function takeParcel(storage: Storage, signal: Signal, most: number | undefined): Parcel | undefined {
  const parcel = storage.next(signal, most);
  const count = parcel ? mergeableCount(signal, parcel.records) : 0;
  return parcel && count < parcel.records.length ? storage.next(signal, count) : parcel;
}
