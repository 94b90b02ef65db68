import type { Clock } from '../../../line/clock.ts';
import { TICK_MS } from '../playout.ts';
import { createDriftingClock } from './drifting-clock.ts';
import { createEndingMoment, ENDINGS, type EndingMoment, type EndingName } from './ending.ts';
import type { OrderedFault } from './fault-order.ts';
import { createLoss, createShuffle } from './frame-faults.ts';
import { createMarkFaults } from './mark-faults.ts';
import { createNetwork } from './network.ts';
import { createFaultReports, type FaultReport } from './report.ts';
import { createSeededRandom } from './seeded-random.ts';

/** Which faults, and what they depend on. The same seed, script and options make the same plan. */
export type LineFaultOptions = {
  readonly faults: readonly OrderedFault[];
  readonly seed: number;
  /** The wall's clock. */
  readonly clock: Clock;
  /** Steps of the caller's script. */
  readonly stepCount: number;
};

/** What the faults do at the two ends of a stream. */
export type StreamEnds = {
  /** Writes to the socket. */
  readonly send: (message: string) => void;
  /** Destroys the socket without a close frame. */
  readonly destroy: () => void;
  /** The caller hangs up. */
  readonly hangUp: () => void;
};

/** Stands between one media stream and its socket. */
export type FaultyStream = {
  /** A numbered message of the line. */
  send(message: string, event: string): void;
  /** A mark comes back: `sendMark` numbers and sends it, now, later or never. */
  returnMark(sendMark: () => void): void;
  /** Something of the bot arrives; nothing that arrives on a half-open line is heard. */
  receive(deliver: () => void): void;
  /** The bot's close arrives. */
  receiveClose(deliver: () => void): void;
  /** One tick: hands the frame, or undefined for a lost one, to `exchange` and returns what plays. */
  tick(frame: Uint8Array, exchange: (frame: Uint8Array | undefined) => Uint8Array | undefined): Uint8Array | undefined;
  /** No messages any more, the socket is open. */
  isHalfOpen(): boolean;
  /** Whether `stop` is left out when the line closes. */
  leavesOutStop(): boolean;
  /** Runs `close` when all that was sent is out; resolves then. */
  finish(close: () => void): Promise<void>;
  /** The bot closed: drops what is under way. */
  abandon(): void;
};

/** The faults of one call. */
export type LineFaults = {
  /** What media time goes by. */
  readonly mediaClock: Clock;
  openStream(ends: StreamEnds): FaultyStream;
  beginStep(index: number): void;
  /** The line has fallen silent for good while its socket stays open. */
  isHalfOpen(): boolean;
  /** What was done so far, in the order in which it was asked for. */
  report(): FaultReport[];
};

/** The parts that act, each passing everything when its fault was not asked for. */
type Parts = {
  readonly network: ReturnType<typeof createNetwork>;
  readonly loss: ReturnType<typeof createLoss>;
  readonly shuffle: ReturnType<typeof createShuffle>;
  readonly marks: ReturnType<typeof createMarkFaults>;
  readonly ending: { readonly name: EndingName; readonly giveUpMs: number; readonly moment: EndingMoment } | null;
  readonly state: CallState;
};
/** `ticks`: of media streams so far. `endedAtTick`: when the ending fault struck. */
type CallState = { ticks: number; endedAtTick: number | null };

/** Faults that have done nothing yet. */
export function createLineFaults(options: LineFaultOptions): LineFaults {
  const { faults, clock } = options;
  const parts = createParts(options);
  const ppm = figure(faults, 'drift', 'ppm') ?? 0;
  return {
    mediaClock: createDriftingClock(clock, ppm),
    openStream: (ends) => createFaultyStream(parts, ends),
    isHalfOpen: () => parts.ending?.name === 'half-open' && parts.state.endedAtTick !== null,
    beginStep: (index) => parts.ending?.moment.beginStep(index),
    report: () =>
      createFaultReports(faults, {
        network: parts.network.figures(),
        loss: parts.loss.figures(),
        shuffle: parts.shuffle.figures(),
        marks: parts.marks.figures(),
        ...parts.state,
        plan: parts.ending?.moment.plan ?? null,
      }),
  };
}

function createParts({ faults, seed, clock, stepCount }: LineFaultOptions): Parts {
  const random = (name: string) => createSeededRandom(seed, name);
  const chance = (name: string) => {
    const percent = figure(faults, name, 'percent');
    return percent === undefined ? undefined : { percent, random: random(name) };
  };
  const maxDelayMs = figure(faults, 'jitter', 'maxDelayMs');
  const holdMs = figure(faults, 'stall', 'holdMs');
  const everyMs = figure(faults, 'stall', 'everyMs') ?? 0;
  const oneIn = figure(faults, 'lost-mark', 'oneIn');
  const ending = ENDINGS.find((name) => faults.some((one) => one.name === name));
  return {
    network: createNetwork({
      clock,
      ...(maxDelayMs !== undefined && { jitter: { maxDelayMs, random: random('jitter') } }),
      ...(holdMs !== undefined && { stall: { holdMs, everyMs, random: random('stall') } }),
    }),
    loss: createLoss(chance('loss')),
    shuffle: createShuffle(chance('reorder'), chance('duplicate')),
    marks: createMarkFaults(
      figure(faults, 'late-mark', 'delayMs') ?? 0,
      oneIn === undefined ? undefined : { oneIn, random: random('lost-mark') },
    ),
    ending: ending
      ? {
          name: ending,
          giveUpMs: figure(faults, ending, 'giveUpMs') ?? 0,
          moment: createEndingMoment(stepCount, random(ending)),
        }
      : null,
    state: { ticks: 0, endedAtTick: null },
  };
}

function createFaultyStream(parts: Parts, ends: StreamEnds): FaultyStream {
  const { network, loss, shuffle, marks, ending, state } = parts;
  const socket = network.connect();
  const write = (messages: readonly string[]) => {
    for (const message of messages) socket.fromLine(() => ends.send(message));
  };
  let isOver = false;
  const isHalfOpen = () => ending?.name === 'half-open' && state.endedAtTick !== null;
  const strike = () => {
    state.endedAtTick = state.ticks;
    if (ending?.name === 'abnormal-close') ends.destroy();
    if (ending?.name === 'no-stop') ends.hangUp();
  };
  return {
    send(message, event) {
      if (isHalfOpen() || isOver) return;
      // Nothing may come after stop.
      if (event === 'stop') write(shuffle.flush());
      write(shuffle.pass(message, event === 'media'));
    },
    returnMark: marks.pass,
    receive: (deliver) => socket.fromBot(() => isHalfOpen() || isOver || deliver()),
    receiveClose: socket.fromBot,
    tick(frame, exchange) {
      state.ticks += 1;
      if (ending?.moment.tick()) strike();
      if (state.endedAtTick !== null) {
        const silentMs = (state.ticks - state.endedAtTick) * TICK_MS;
        if (isHalfOpen() && silentMs >= (ending?.giveUpMs ?? 0)) ends.hangUp();
        return undefined;
      }
      marks.tick();
      return exchange(loss.pass(frame));
    },
    isHalfOpen,
    leavesOutStop: () => ending?.name === 'no-stop',
    finish(close) {
      isOver = true;
      marks.clear();
      write(shuffle.flush());
      return socket.finish(close);
    },
    abandon() {
      marks.clear();
      shuffle.flush();
      socket.close();
    },
  };
}

function figure(faults: readonly OrderedFault[], name: string, key: string): number | undefined {
  return faults.find((one) => one.name === name)?.figures[key];
}
