import type { MediaLine } from '../media/media-line.ts';
import { FRAME_MS } from '../media/mulaw.ts';
import type { SpeechRun } from '../media/speech-runs.ts';
import type { EndOfSpeech, TurnRecord, TurnReport } from './turn-record.ts';

/** Pauses up to here lie inside one thing that is said; media milliseconds. */
const LONGEST_PAUSE_MS = 2000;
/** Speech that ended longer ago was not what made a turn begin; media milliseconds. */
const STALE_MS = 5000;
/** A back-dated turn may begin so much after the speech it is for; media milliseconds. */
const BACKDATED_MS = 500;

/**
 * Of the speech that belongs to no turn, what a turn beginning at `startedAtMs` (monotonic; infinity: a running turn)
 * answers: the last thing said, with its pauses.
 */
export function pickSpeech(line: MediaLine, waiting: readonly SpeechRun[], startedAtMs: number): readonly SpeechRun[] {
  const last = waiting.at(-1);
  if (!last) return [];
  const heardMs = line.inbound.mediaMs;
  if (!last.isOpen && heardMs - last.endMs > STALE_MS) return [];
  const toMedia = (atMs: number) => (atMs - line.clock.toCall(0)) * line.rate;
  const notBeforeMs = Number.isFinite(startedAtMs) ? toMedia(startedAtMs) - BACKDATED_MS : Number.NEGATIVE_INFINITY;
  const isBackdated = last.isOpen || last.endMs > notBeforeMs;
  let from = waiting.length - 1;
  for (; from > 0; from -= 1) {
    const [before, after] = [waiting[from - 1], waiting[from]];
    if (!before || !after || after.onsetMs - before.endMs > LONGEST_PAUSE_MS) break;
    // A turn back-dated to its onset says itself where the speech begins.
    if (isBackdated && before.endMs < notBeforeMs) break;
  }
  return waiting.slice(from);
}

/** Gives speech to a turn; the first of it begins the turn's `user_speech`. */
export function assignSpeech(
  line: MediaLine,
  given: { record: TurnRecord; runs: readonly SpeechRun[]; report: TurnReport },
): void {
  const { record, runs, report } = given;
  const [first] = runs;
  if (!first) return;
  record.runs.push(...runs);
  if (record.isSpeechOpen) return;
  record.isSpeechOpen = true;
  report.speechBegan(record.turn, line.clock.toCall(first.onsetMs));
}

/** What the caller said until now is what the turn answers. Said again after more speech, the later end counts. */
export function commitSpeech(line: MediaLine, record: TurnRecord, report: TurnReport): void {
  record.isCommitted = true;
  const last = record.runs.at(-1);
  if (last) {
    record.eos = endOf(last, line.inbound.clockJumps);
    delete record.resumedMs;
  }
  endSpeech(line, record, report);
}

/** Ends the turn's `user_speech`, always where the speech ended. */
export function endSpeech(line: MediaLine, record: TurnRecord, report: TurnReport): void {
  const last = record.runs.at(-1);
  if (last) record.eos ??= endOf(last, line.inbound.clockJumps);
  if (!record.isSpeechOpen || !last) return;
  record.isSpeechOpen = false;
  report.speechEnded(record.turn, line.clock.toCall(record.eos?.mediaMs ?? last.endMs));
}

/** Lost frames right after the last voiced one may have been speech: the end is then half-way, give or take the other half. */
function endOf({ endMs, nextMs, endArrivedAtMs }: SpeechRun, clockJumps: number): EndOfSpeech {
  const missingMs = Number.isFinite(nextMs) ? nextMs - endMs : 0;
  const uncertaintyMs = missingMs >= FRAME_MS / 2 && missingMs <= LONGEST_PAUSE_MS ? missingMs / 2 : 0;
  return { mediaMs: endMs + uncertaintyMs, arrivedAtMs: endArrivedAtMs, uncertaintyMs, clockJumps };
}
