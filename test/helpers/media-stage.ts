import { ROOT_CONTEXT } from '@opentelemetry/api';
import type { OpenTurn } from '../../otel/src/call/observer.ts';
import type { EosSource, TurnEndReason } from '../../otel/src/conventions/index.ts';
import type { BargeIn, Gap, PlayoutFigures, TurnReport } from '../../otel/src/gap/turn-record.ts';
import { TurnWatch } from '../../otel/src/gap/turn-watch.ts';
import { MediaLine } from '../../otel/src/media/media-line.ts';
import { createEnergyVoiceActivity } from '../../otel/src/media/voice-activity.ts';

const TONE = 0x90;
const SILENCE = 0xff;
const VOICED = Buffer.alloc(160, TONE);
const SILENT = Buffer.alloc(160, SILENCE);

/** Audible µ-law audio behind some silence. */
export function createAudio(durationMs: number, leadMs = 0): Buffer {
  return Buffer.alloc(durationMs * 8, TONE).fill(SILENCE, 0, leadMs * 8);
}

/** One line and its turns in virtual time: nothing waits, every step is told. Media time and virtual time run together. */
export function createMediaStage() {
  const told: string[] = [];
  const gaps = new Map<number, Gap>();
  const bargeIns = new Map<number, BargeIn>();
  const playouts = new Map<number, PlayoutFigures>();
  const turns = new Map<number, OpenTurn>();
  let nowMs = 0;
  let frame = 0;
  let sequence = 1;
  let setMs = 0;
  const round = (ms: number) => Math.round(ms);
  const report: TurnReport = {
    speechBegan: (turn, atMs) => void told.push(`speech ${turn.index} from ${round(atMs)}`),
    speechEnded: (turn, atMs) => void told.push(`speech ${turn.index} to ${round(atMs)}`),
    playoutBegan: () => undefined,
    measured(turn, gap) {
      gaps.set(turn.index, gap);
      told.push(`turn ${turn.index} waited ${round(gap.playedAtMs - gap.eosAtMs)} by ${gap.source}`);
    },
    unmeasured: (turn, reason) => void told.push(`turn ${turn.index} unmeasured: ${reason}`),
    bargedIn(turn, bargeIn) {
      bargeIns.set(turn.index, bargeIn);
      told.push(`turn ${turn.index} interrupted for ${round(bargeIn.silentAtMs - bargeIn.onsetAtMs)}`);
    },
    underrun: (ms) => void told.push(`hole of ${round(ms)}`),
    ended(turn, playout) {
      if (playout) playouts.set(turn.index, playout);
    },
  };
  const line: MediaLine = new MediaLine(
    { rate: 1, vad: createEnergyVoiceActivity(), startedAtMs: 0 },
    {
      speechBegan: (run) => watch.speechBegan(run, nowMs),
      markBack: (mark, atMs) => watch.markBack(mark, atMs),
      markPassed: (mark, passage) => watch.markPassed(mark, passage),
      markMissed: (mark) => void told.push(`missed ${mark.name}`),
      jitter: () => undefined,
      problem: () => undefined,
    },
  );
  const watch = new TurnWatch(line, report);
  const turnOf = (index: number) => {
    const turn = turns.get(index);
    if (!turn) throw new Error(`no turn ${index}`);
    return turn;
  };
  return {
    line,
    watch,
    told,
    gaps,
    bargeIns,
    playouts,
    get nowMs() {
      return nowMs;
    },
    /** The caller's side of the line, so long. */
    hear(durationMs: number, isVoiced: boolean): void {
      for (const endMs = nowMs + durationMs; nowMs < endMs; frame += 1) {
        nowMs += 20;
        sequence += 1;
        line.hear({ sequence, timestampMs: frame * 20 + setMs }, isVoiced ? VOICED : SILENT, nowMs);
      }
    },
    /** Frames that never come, so long. */
    lose(durationMs: number): void {
      frame += durationMs / 20;
      nowMs += durationMs;
    },
    /** The line's clock is set by so much. */
    setClock(byMs: number): void {
      setMs += byMs;
    },
    turnOf,
    startTurn(index: number, startedAtMs = nowMs): void {
      const turn = { index, context: ROOT_CONTEXT, startedAtMs, setAttributes: () => undefined };
      turns.set(index, turn);
      watch.turnStarted(turn);
    },
    commit: (index: number, source: EosSource = 'local_vad') => watch.turnCommitted(turnOf(index), nowMs, source),
    filler: (index: number, isFiller: boolean) => watch.fillerChanged(turnOf(index), isFiller),
    end: (index: number, reason: TurnEndReason = 'completed', atMs = nowMs) =>
      watch.turnEnding(turnOf(index), reason, atMs),
    /** The bot sends audio; a probe named `probe` follows its first audible frame when one is wanted, then the bot's mark. */
    say(audio: Buffer, probe: string, mark?: string): void {
      const record = watch.speaking;
      const freeAtMs = line.playout.idleFromMs;
      const wantsProbe = record !== undefined && watch.wantsProbe(record);
      const written = line.write(audio, record?.turn.index, nowMs);
      if (record) watch.wrote(record, written, { sentAtMs: nowMs, freeAtMs });
      const sending = { turnIndex: record?.turn.index, sentAtMs: nowMs };
      if (wantsProbe && written.audibleByte >= 0) {
        line.mark(probe, { ...sending, probe: 'reply', pos: written.fromPos + written.audibleFrameEnd / 8 });
        watch.markSent(record);
      }
      if (mark === undefined) return;
      line.mark(mark, sending);
      watch.markSent(record);
    },
    clear(probe: string): void {
      const turnIndex = watch.cleared(nowMs, line.silentAfterClearMs(nowMs));
      line.clear(nowMs);
      line.mark(probe, { turnIndex, sentAtMs: nowMs, probe: 'clear' });
    },
    markBack(name: string): void {
      sequence += 1;
      line.markBack(name, sequence, nowMs);
    },
  };
}

/** The caller speaks from 200 to 1200 ms and is silent until 1600 ms, when the bot has decided that they have finished. */
export function hearCaller(stage: ReturnType<typeof createMediaStage>, index = 1): void {
  stage.hear(200, false);
  stage.hear(60, true);
  stage.startTurn(index, 200);
  stage.hear(940, true);
  stage.hear(400, false);
  stage.commit(index);
}
