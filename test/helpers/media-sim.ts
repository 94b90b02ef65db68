import { ROOT_CONTEXT } from '@opentelemetry/api';
import type { OpenTurn } from '../../otel/src/call/observer.ts';
import { TurnWatch } from '../../otel/src/gap/turn-watch.ts';
import { MediaLine } from '../../otel/src/media/media-line.ts';
import { createEnergyVoiceActivity } from '../../otel/src/media/voice-activity.ts';
import { measuredTurns, type SimReport } from './media-sim-report.ts';

/** A simulated network and line: all delays in milliseconds, chances in percent. */
export type SimFaults = {
  readonly upMs: number;
  readonly downMs: number;
  readonly jitterMs: number;
  /** One message in so many waits for 250 ms, and everything behind it. */
  readonly stallOneIn?: number;
  readonly lossPercent?: number;
  readonly swapPercent?: number;
  readonly duplicatePercent?: number;
  readonly lateMarkPercent?: number;
  readonly lateMarkMs?: number;
  readonly lostMarkPercent?: number;
  readonly driftPpm?: number;
  /** The line's clock jumps by so much during every third wait. */
  readonly jumpMs?: number;
  readonly probeMarks?: boolean;
};

const FRAME_MS = 20;
const VOICED = Buffer.alloc(160, 0x90);
const SILENT = Buffer.alloc(160, 0xff);
const TONE = 0x90;

/** Events in the order of their times. */
class Agenda {
  #events: { atMs: number; order: number; run: (atMs: number) => void }[] = [];
  #order = 0;
  at(atMs: number, run: (atMs: number) => void): void {
    this.#order += 1;
    const event = { atMs, order: this.#order, run };
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#events[middle];
      if (other && (other.atMs < atMs || (other.atMs === atMs && other.order < event.order))) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, event);
  }
  run(untilMs: number): void {
    for (let head = this.#events[0]; head && head.atMs <= untilMs; head = this.#events[0]) {
      this.#events.shift();
      head.run(head.atMs);
    }
  }
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One call in virtual time: a caller who speaks `turns` times and a bot that answers; what was measured and what was true. */
export function simulateCall(seed: number, turns: number, faults: SimFaults): SimReport {
  const random = createRandom(seed);
  const between = (from: number, to: number) => from + (to - from) * random();
  const happens = (percent = 0) => random() * 100 < percent;
  const agenda = new Agenda();
  const phaseMs = between(1000, 1020);
  const report = measuredTurns();
  const line: MediaLine = new MediaLine(
    { rate: 1, vad: createEnergyVoiceActivity(), startedAtMs: 0 },
    {
      speechBegan: (run) => watch.speechBegan(run, nowMs),
      markBack: (mark, atMs) => watch.markBack(mark, atMs),
      markPassed: (mark, passage) => watch.markPassed(mark, passage),
      markMissed: () => undefined,
      jitter: () => undefined,
      problem: () => undefined,
    },
  );
  const watch = new TurnWatch(line, report.listener);
  let nowMs = 0;
  let sequence = 1;
  let [upFreeMs, downFreeMs] = [0, 0];
  const scale = 1 + (faults.driftPpm ?? 0) / 1e6;
  const delay = (baseMs: number) => {
    const stalled = faults.stallOneIn && random() * faults.stallOneIn < 1 ? 250 : 0;
    return baseMs + random() * faults.jitterMs + stalled;
  };
  const up = (atMs: number, deliver: (atMs: number) => void) => {
    upFreeMs = Math.max(upFreeMs, atMs + delay(faults.upMs));
    agenda.at(upFreeMs, (arrivedMs) => {
      nowMs = arrivedMs;
      deliver(arrivedMs);
    });
  };
  const down = (atMs: number, deliver: (atMs: number) => void) => {
    downFreeMs = Math.max(downFreeMs, atMs + delay(faults.downMs));
    agenda.at(downFreeMs, deliver);
  };

  // The caller's side: frames leave the line when their audio is over.
  let speakingUntilFrame = -1;
  let jumpedMs = 0;
  let held: (() => void) | undefined;
  const sendFrame = (index: number) => {
    const atMs = phaseMs + ((index + 1) * FRAME_MS) / scale;
    agenda.at(atMs, () => {
      sendFrame(index + 1);
      if (happens(faults.lossPercent)) return;
      sequence += 1;
      const message = {
        sequence,
        timestampMs: index * FRAME_MS + jumpedMs,
      };
      const audio = index < speakingUntilFrame ? VOICED : SILENT;
      const send = () => up(atMs, (arrivedMs) => line.hear(message, audio, arrivedMs));
      const isSwapped = held === undefined && happens(faults.swapPercent);
      if (isSwapped) held = send;
      else {
        send();
        if (happens(faults.duplicatePercent)) send();
        held?.();
        held = undefined;
      }
    });
  };
  sendFrame(0);

  // The bot's side of the line: plays in ticks of 20 ms, returns marks when what is before them was played.
  let playingUntilMs = 0;
  const playPhaseMs = phaseMs + between(0, 20);
  const tickAfter = (atMs: number) => {
    const ticks = Math.ceil(((atMs - playPhaseMs) * scale) / FRAME_MS);
    return playPhaseMs + (ticks * FRAME_MS) / scale;
  };
  const returnMark = (atMs: number, name: string) => {
    agenda.at(atMs, () => {
      if (happens(faults.lostMarkPercent)) return;
      const lateMs = happens(faults.lateMarkPercent) ? (faults.lateMarkMs ?? 0) : 0;
      agenda.at(atMs + lateMs, () => {
        sequence += 1;
        const own = sequence;
        up(atMs + lateMs, (arrivedMs) => line.markBack(name, own, arrivedMs));
      });
    });
  };
  const play = (atMs: number, bytes: Buffer, marks: readonly { readonly byte: number; readonly name: string }[]) => {
    const startMs = Math.max(playingUntilMs, tickAfter(atMs));
    playingUntilMs = startMs + bytes.length / 8 / scale;
    for (const { byte, name } of marks) returnMark(startMs + byte / 8 / scale, name);
    return startMs;
  };

  let turnIndex = 0;
  const say = (index: number, atMs: number, onDone: (atMs: number) => void) => {
    const leadMs = 20 * Math.floor(between(0, 8)) + (random() < 0.5 ? 0 : between(0, 18));
    const audio = Buffer.alloc(8 * Math.round(between(800, 2500)), TONE).fill(0xff, 0, Math.round(leadMs * 8));
    const record = watch.speaking;
    const freeAtMs = line.playout.idleFromMs;
    const wantsProbe = record !== undefined && faults.probeMarks !== false && watch.wantsProbe(record);
    const written = line.write(audio, index, atMs);
    if (record) watch.wrote(record, written, { sentAtMs: atMs, freeAtMs });
    const marks = [{ byte: audio.length, name: `end${index}` }];
    if (wantsProbe) {
      const pos = written.fromPos + written.audibleFrameEnd / 8;
      line.mark(`probe${index}`, { turnIndex: index, sentAtMs: atMs, probe: 'reply', pos });
      marks.unshift({ byte: written.audibleFrameEnd, name: `probe${index}` });
    }
    line.mark(`end${index}`, { turnIndex: index, sentAtMs: atMs });
    down(atMs, (arrivedMs) => {
      const startMs = play(arrivedMs, audio, marks);
      const audibleMs = startMs + written.audibleByte / 8 / scale;
      report.truth(index, { playedMs: audibleMs });
      agenda.at(playingUntilMs + 400, onDone);
    });
  };
  const openTurn = (index: number, startedAtMs: number): OpenTurn => ({
    index,
    context: ROOT_CONTEXT,
    startedAtMs,
    setAttributes: () => undefined,
  });
  const callerTurn = (fromMs: number) => {
    turnIndex += 1;
    const index = turnIndex;
    const firstFrame = Math.ceil(((fromMs - phaseMs) * scale) / FRAME_MS);
    const frames = Math.round(between(25, 90));
    agenda.at(phaseMs + (firstFrame * FRAME_MS) / scale - 1, () => {
      speakingUntilFrame = firstFrame + frames;
    });
    const spokenMs = phaseMs + ((firstFrame + frames) * FRAME_MS) / scale;
    report.truth(index, { spokenMs });
    const turn = openTurn(index, phaseMs + (firstFrame * FRAME_MS) / scale + faults.upMs);
    agenda.at(turn.startedAtMs + 60, (atMs) => watch.turnStarted(Object.assign(turn, { startedAtMs: atMs - 60 })));
    const committedMs = spokenMs + faults.upMs + 2 * faults.jitterMs + between(350, 500);
    agenda.at(committedMs, (atMs) => watch.turnCommitted(turn, atMs, 'local_vad'));
    if (faults.jumpMs && index % 3 === 0) {
      agenda.at(committedMs + 20, () => {
        jumpedMs += faults.jumpMs ?? 0;
      });
    }
    agenda.at(committedMs + between(150, 1500), (atMs) =>
      say(index, atMs, (doneMs) => {
        watch.turnEnding(turn, 'completed', doneMs);
        if (index < turns) callerTurn(doneMs + between(200, 900));
      }),
    );
  };
  for (let ping = 0; ping < 3; ping += 1) line.carrier.notePath(delay(faults.upMs) + delay(faults.downMs));
  const greeting = openTurn(0, 1100);
  agenda.at(1100, () => watch.turnStarted(greeting));
  agenda.at(1150, (atMs) =>
    say(0, atMs, (doneMs) => {
      watch.turnEnding(greeting, 'completed', doneMs);
      callerTurn(doneMs + 300);
    }),
  );
  agenda.run(1200 + turns * 15_000);
  return { ...report, line };
}
