import type { CallObserver, OpenStage, OpenTurn } from '../call/observer.ts';
import { type EosSource, Stage } from '../conventions/index.ts';
import type { Mark } from '../media/mark-ledger.ts';
import type { MediaLine, Written } from '../media/media-line.ts';
import type { Passage } from '../media/passages.ts';
import type { SpeechRun } from '../media/speech-runs.ts';
import { concludeGap, isStillWaiting, measureGap, measureSubstantive } from './measure-gap.ts';
import { OpenTurns } from './open-turns.ts';
import { type PlayTime, playTimeFromMark } from './play-time.ts';
import { assignSpeech, commitSpeech, endSpeech, pickSpeech } from './speech-of-turn.ts';
import { playoutOf, tellBargeIn } from './turn-playout.ts';
import { createTurnRecord, type Gap, type ReplySound, type TurnRecord, type TurnReport } from './turn-record.ts';
import type { WaitAlarm } from './wait-alarm.ts';

/** A turn that began so close to an onset began because of it; media milliseconds. */
const NEAR_ONSET_MS = 500;
/** A mark within so much audio behind the first sound is as good as a probe; media milliseconds. */
const CLOSE_MARK_MS = 100;
const RUNS_WAITING = 50;

/**
 * Finds the wait of every turn of a call: which speech of the caller it answers, which audio is its reply, when that
 * began to play. Fed by the call (turns and stages) and by the line (speech, audio, marks); knows no span and no socket.
 */
export class TurnWatch implements CallObserver {
  readonly #line: MediaLine;
  readonly #report: TurnReport;
  readonly #alarm: WaitAlarm | undefined;
  readonly #open = new OpenTurns();
  /** Speech of the caller that belongs to no turn yet. */
  #unassigned: SpeechRun[] = [];

  /** @param alarm tells of waits that last too long, while they last */
  constructor(line: MediaLine, report: TurnReport, alarm?: WaitAlarm) {
    this.#line = line;
    this.#report = report;
    this.#alarm = alarm;
  }

  turnStarted(turn: OpenTurn): void {
    const record = createTurnRecord(turn);
    this.#open.add(record);
    const speech = pickSpeech(this.#line, this.#unassigned, turn.startedAtMs);
    this.#unassigned = [];
    this.#assign(record, speech);
  }

  turnCommitted(turn: OpenTurn, atMs: number, source: EosSource): void {
    const record = this.#open.of(turn);
    if (!record) return;
    this.#assignUnassigned(record);
    record.committedAtMs = atMs;
    record.eosSource = source;
    this.#commit(record);
  }

  fillerChanged(turn: OpenTurn, isFiller: boolean): void {
    const record = this.#open.of(turn);
    if (record) record.isFiller = isFiller;
  }

  stageStarted(stage: OpenStage): void {
    const record = this.#open.numbered(stage.turnIndex);
    record?.stages.started(stage);
    if (!record || stage.stage !== Stage.transcription || record.isCommitted) return;
    this.#assignUnassigned(record);
    if (record.runs.length === 0) return;
    record.committedAtMs = stage.startedAtMs;
    this.#commit(record);
  }

  stageFirstOutput(stage: OpenStage, atMs: number): void {
    this.#open.numbered(stage.turnIndex)?.stages.firstOutput(stage, atMs);
  }

  stageEnding(stage: OpenStage, endedAtMs: number): void {
    this.#open.numbered(stage.turnIndex)?.stages.ended(stage, endedAtMs);
  }

  turnEnding(turn: OpenTurn, reason: string, endedAtMs: number): void {
    this.#alarm?.disarm(turn);
    const record = this.#open.of(turn);
    if (!record) return;
    this.#line.settle();
    this.#open.remove(turn);
    endSpeech(this.#line, record, this.#report);
    if (!record.outcome) this.#conclude(record, concludeGap(this.#line, record, endedAtMs));
    if (record.heldGap) this.#report.measured(turn, record.heldGap);
    const isInterrupted = reason === 'interrupted';
    const playout = playoutOf(this.#line, record, { endedAtMs, isCut: reason !== 'completed' });
    if (isInterrupted || record.cleared)
      tellBargeIn(this.#line, record, this.#report, this.#onsetFallback(record, endedAtMs));
    this.#report.ended(turn, playout, endedAtMs);
  }

  /** The caller began to speak. */
  speechBegan(run: SpeechRun, nowMs: number): void {
    const onsetAtMs = this.#line.clock.toCall(run.onsetMs);
    for (const record of this.#open) this.#noteOnset(record, { run, onsetAtMs, nowMs });
    const newest = this.#open.newest;
    if (newest && this.#isHearing(newest, onsetAtMs)) this.#assign(newest, [run]);
    else this.#unassigned.push(run);
    if (this.#unassigned.length > RUNS_WAITING) this.#unassigned.shift();
  }

  /** The turn that speaks now: the newest, unless it still listens while an older one is heard. */
  get speaking(): TurnRecord | undefined {
    const newest = this.#open.newest;
    if (!newest || newest.isCommitted || newest.first || newest.stages.isAnswering || newest.runs.length === 0)
      return newest;
    const older = [...this.#open].findLast((record) => record !== newest && record.first && !record.cleared);
    return older ?? newest;
  }

  /** True when the next audible frame of this turn is one whose playing has to be known. */
  wantsProbe(record: TurnRecord): boolean {
    return !record.first || (record.hasFiller && !record.isFiller && !record.answer);
  }

  /** False when no audible frame that is sent now can be one whose playing has to be known, whatever the line has done. */
  get mayWantProbe(): boolean {
    for (const record of this.#open) if (this.wantsProbe(record)) return true;
    return false;
  }

  /** Audio of a turn was sent; `freeAtMs`: when everything before it will have been played. */
  wrote(record: TurnRecord, written: Written, times: { readonly sentAtMs: number; readonly freeAtMs: number }): void {
    const { turn } = record;
    if (record.firstWriteAtMs === undefined) {
      record.firstWriteAtMs = times.sentAtMs;
      this.#report.playoutBegan(turn, times.sentAtMs);
    }
    record.sentMs += written.durationMs;
    record.sentToPos = written.fromPos + written.durationMs;
    const isPause = record.hasFiller && !record.isFiller && !record.answer;
    if (written.underrunMs > 0 && !isPause) {
      record.underrunMs += written.underrunMs;
      this.#report.underrun(written.underrunMs);
    }
    if (written.audibleByte < 0 || !this.wantsProbe(record)) return;
    const leadMs = written.audibleByte / 8;
    const { sentAtMs, freeAtMs } = times;
    const earliestMs = Math.max(sentAtMs, freeAtMs) + leadMs / this.#line.rate;
    const sound = { sentAtMs, earliestMs, wasIdle: freeAtMs <= sentAtMs, pos: written.fromPos + leadMs };
    if (record.first) record.answer = sound;
    else this.#beginReply(record, sound);
  }

  markSent(record: TurnRecord | undefined): void {
    if (record) record.marks.sent += 1;
  }

  /** A clear is sent; `silentAtMs` is when the line should be silent. Returns the turn that it silences. */
  cleared(sentAtMs: number, silentAtMs: number): number | undefined {
    let silenced: number | undefined;
    const onsetMs = this.#line.speech.open?.onsetMs ?? this.#line.speech.tentativeOnsetMs;
    for (const record of this.#open) {
      const heardMs = this.#line.playout.playedMs(record.turn.index, sentAtMs);
      if (record.cleared || record.sentMs === 0 || heardMs >= record.sentMs) continue;
      record.cleared = { sentAtMs, silentAtMs, isCertain: false };
      silenced = record.turn.index;
      if (onsetMs !== undefined && heardMs > 0) record.bargeOnsetMs = onsetMs;
    }
    return silenced;
  }

  /** A mark came back. */
  markBack(mark: Mark, backAtMs: number): void {
    const record = this.#open.numbered(mark.turnIndex);
    if (!record || mark.probe === 'clear') return;
    record.marks[mark.wasCleared ? 'flushed' : 'acked'] += 1;
    if (!mark.wasCleared) record.lastAck = { pos: mark.pos, atMs: backAtMs };
  }

  /** It is known when the line passed a mark. */
  markPassed(mark: Mark, passage: Passage): void {
    const record = this.#open.numbered(mark.turnIndex);
    if (mark.probe === 'clear' || mark.wasCleared) {
      if (record?.cleared) this.#silenced(record, passage.atMs, mark.probe === 'clear');
      return;
    }
    const sound = record?.answer && record.heldGap ? record.answer : record?.first;
    const aheadMs = sound ? mark.pos - sound.pos : 0;
    const placed = this.#place(passage, sound, aheadMs);
    const isEvidence = record !== undefined && sound !== undefined && mark.pos > sound.pos;
    if (isEvidence) this.#heard(record, { mark, passage: placed, sound, aheadMs });
    this.#line.playout.anchor(mark.pos, placed.atMs);
  }

  /** A sound is not heard before it was sent: that shows how the line's clock lies on ours. */
  #place(passage: Passage, sound: ReplySound | undefined, aheadMs: number): Passage {
    if (passage.mediaMs === undefined) return passage;
    const { clock } = this.#line;
    if (sound && aheadMs > 0) clock.notBefore(passage.mediaMs - aheadMs, sound.earliestMs);
    return { ...passage, atMs: clock.toCall(passage.mediaMs) };
  }

  #heard(record: TurnRecord, found: { mark: Mark; passage: Passage; sound: ReplySound; aheadMs: number }): void {
    const { passage, sound, aheadMs } = found;
    const isAnswer = sound === record.answer;
    if (isAnswer ? record.heldGap?.substantiveMs !== undefined : record.outcome) return;
    const { carrier, rate, playout } = this.#line;
    const isClose = aheadMs <= CLOSE_MARK_MS;
    const evidence = { passage, aheadMs: aheadMs / rate, aheadMediaMs: aheadMs, isClose };
    const play = playTimeFromMark(sound, evidence, carrier);
    const waitedMs = passage.atMs - aheadMs / rate - sound.earliestMs;
    if (isClose && sound.wasIdle && waitedMs >= 0) {
      carrier.note(waitedMs);
      playout.carrierMs = carrier.leastMs ?? 0;
    }
    if (isAnswer) this.#answered(record, play);
    else this.#conclude(record, measureGap(this.#line, record, play));
  }

  #answered(record: TurnRecord, play: PlayTime): void {
    const substantiveMs = measureSubstantive(this.#line, record, play);
    if (!record.heldGap || substantiveMs === undefined) return;
    record.heldGap.substantiveMs = substantiveMs;
    this.#report.measured(record.turn, record.heldGap);
    delete record.heldGap;
  }

  #conclude(record: TurnRecord, found: Gap | Exclude<TurnRecord['outcome'], 'measured' | undefined>): void {
    record.outcome = typeof found === 'string' ? found : 'measured';
    this.#alarm?.disarm(record.turn);
    if (typeof found === 'string') this.#report.unmeasured(record.turn, found);
    else if (found.isFiller) record.heldGap = found;
    else this.#report.measured(record.turn, found);
  }

  #commit(record: TurnRecord): void {
    commitSpeech(this.#line, record, this.#report);
    const { eos, outcome, turn } = record;
    if (!eos || outcome) return;
    const sinceMs = this.#line.clock.toCall(eos.mediaMs);
    this.#alarm?.arm(turn, { sinceMs, isWaiting: (nowMs) => isStillWaiting(record, nowMs) });
  }

  #beginReply(record: TurnRecord, sound: ReplySound): void {
    record.first = sound;
    record.hasFiller = record.isFiller;
    this.#assignUnassigned(record);
    if (!record.isCommitted && record.runs.length > 0) this.#commit(record);
  }

  #silenced(record: TurnRecord, atMs: number, isProbe: boolean): void {
    const { cleared } = record;
    if (!cleared || cleared.isCertain) return;
    this.#line.silence(atMs, cleared.silentAtMs);
    cleared.silentAtMs = atMs;
    cleared.isCertain = isProbe;
    if (isProbe) tellBargeIn(this.#line, record, this.#report);
  }

  #noteOnset(
    record: TurnRecord,
    { run, onsetAtMs, nowMs }: { run: SpeechRun; onsetAtMs: number; nowMs: number },
  ): void {
    if (record.isCommitted && !record.outcome) {
      record.resumedMs ??= run.onsetMs;
      this.#alarm?.disarm(record.turn);
    }
    if (record.sentMs === 0 || (record.cleared && record.bargeOnsetMs !== undefined)) return;
    const { playout } = this.#line;
    const index = record.turn.index;
    if (record.cleared || playout.playingTurnAt(onsetAtMs) === index || playout.playingTurnAt(nowMs) === index) {
      record.bargeOnsetMs = run.onsetMs;
    }
  }

  /** A detector slower than the bot's: the turn that began when this one was interrupted tells the onset. */
  #onsetFallback(record: TurnRecord, endedAtMs: number): number | undefined {
    const next = this.#open.newest;
    const isNext = next && next.turn.index > record.turn.index && next.turn.startedAtMs <= endedAtMs;
    return isNext && next.turn.startedAtMs > record.turn.startedAtMs ? next.turn.startedAtMs : undefined;
  }

  #isHearing(record: TurnRecord, onsetAtMs: number): boolean {
    if (record.isCommitted || record.first) return false;
    const nearMs = NEAR_ONSET_MS / this.#line.rate + 50;
    return record.runs.length > 0 || Math.abs(onsetAtMs - record.turn.startedAtMs) <= nearMs;
  }

  #assignUnassigned(record: TurnRecord): void {
    const speech = pickSpeech(this.#line, this.#unassigned, Number.POSITIVE_INFINITY);
    this.#unassigned = [];
    this.#assign(record, speech);
  }

  #assign(record: TurnRecord, runs: readonly SpeechRun[]): void {
    assignSpeech(this.#line, { record, runs, report: this.#report });
  }
}
