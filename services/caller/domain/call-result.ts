import type { CallerLine } from './caller-line.ts';
import type { CallFacts } from './ports.ts';
import type { Lateness } from './ticker.ts';

/** Who ended the call: the bot (its TwiML came to an end, `<Hangup/>`, or REST), the caller, or Twilio because something failed. */
export type CallEnd = {
  readonly by: 'bot' | 'caller' | 'twilio';
  readonly errorCode?: number;
  readonly closeCode?: number;
};

/** One thing the caller said and what followed. `trueWaitMs`: last voiced sample of the caller to first audible sample of the reply. */
export type TurnResult = {
  readonly saidByCaller: string;
  /** What the bot understood, from the viewer. */
  readonly transcribed: string | null;
  /** What was really played to the caller, demodulated; '' when nothing was. */
  readonly heardFromBot: string;
  /** null: no reply began before the caller went on, or the caller was muted. */
  readonly trueWaitMs: number | null;
};

/** Something that Twilio would have shown as a warning or error of this call. `code` 0: a note of the simulation itself. */
type CallWarning = { readonly code: number; readonly message: string };

/** A call, from its end. Durations in milliseconds of the line's clock. */
export type CallResult = {
  readonly callSid: string;
  readonly streamSid: string | null;
  readonly traceId: string | null;
  readonly outcome: string | null;
  readonly end: CallEnd;
  readonly durationMs: number;
  /** What was heard before the caller first spoke. */
  readonly greeting: string;
  readonly turns: readonly TurnResult[];
  /** The saved record as the records service gives it, or null. */
  readonly record: unknown;
  readonly warnings: readonly CallWarning[];
  readonly senderLatenessMs: Lateness;
};

/** What happens while a call goes on, in order. */
export type CallEvent =
  | { readonly type: 'ringing'; readonly callSid: string; readonly from: string; readonly to: string }
  | { readonly type: 'streaming'; readonly streamSid: string }
  | { readonly type: 'caller'; readonly text: string }
  | { readonly type: 'bot'; readonly text: string; readonly waitMs: number | null }
  | { readonly type: 'dtmf'; readonly digit: string }
  | { readonly type: 'warning'; readonly code: number; readonly message: string }
  | { readonly type: 'ended'; readonly end: CallEnd; readonly message: string | null };

const SAMPLES_PER_MS = 8;

/** Pairs what the caller said with what was heard after it. */
export function createTurns(line: CallerLine, facts: CallFacts | null): { greeting: string; turns: TurnResult[] } {
  const begun = line.utterances.filter((one) => one.startSample !== null);
  const first = begun[0]?.startSample ?? Number.POSITIVE_INFINITY;
  const turns = line.utterances.map((utterance, index): TurnResult => {
    const next = line.utterances.slice(index + 1).find((one) => one.startSample !== null)?.startSample;
    const until = next ?? Number.POSITIVE_INFINITY;
    return {
      saidByCaller: utterance.text,
      transcribed: facts?.transcribed[index] ?? null,
      heardFromBot: heardBetween(line, utterance.startSample ?? until, until),
      trueWaitMs: utterance.isVoiced ? findWaitMs(line, utterance.endSample, until) : null,
    };
  });
  return { greeting: heardBetween(line, 0, first), turns };
}

/** Milliseconds from the sample where the caller ended to the first reply that began after it and before `untilSample`. */
function findWaitMs(line: CallerLine, endSample: number | null, untilSample: number): number | null {
  if (endSample === null) return null;
  const reply = line.phrases.find((phrase) => phrase.startSample >= endSample && phrase.startSample < untilSample);
  return reply ? (reply.startSample - endSample) / SAMPLES_PER_MS : null;
}

/** The wait before a phrase: from the caller's last word, null when this is not the first thing heard since then. */
export function findWaitBeforeMs(line: CallerLine, startSample: number): number | null {
  const utterance = line.utterances.findLast((one) => one.endSample !== null && one.endSample <= startSample);
  const end = utterance?.endSample ?? null;
  if (end === null || !utterance?.isVoiced) return null;
  const isFirst = !line.phrases.some((phrase) => phrase.startSample >= end && phrase.startSample < startSample);
  return isFirst ? (startSample - end) / SAMPLES_PER_MS : null;
}

function heardBetween(line: CallerLine, fromSample: number, untilSample: number): string {
  return line.phrases
    .filter((phrase) => phrase.startSample >= fromSample && phrase.startSample < untilSample)
    .map((phrase) => phrase.text)
    .filter((text) => text !== '')
    .join(' ');
}
