import type { CallerLine } from './caller-line.ts';
import type { BotPhrase } from './ear.ts';
import { matchTurns } from './match-turns.ts';
import { FRAME_BYTES } from './playout.ts';
import type { CallFacts } from './ports.ts';

/** How the caller broke into what the bot was saying. Samples of the media clock (8 kHz, 0 = first frame of the stream). */
export type BargeInTruth = {
  /** The turn whose reply was cut short; 0: the greeting. */
  readonly interruptedIndex: number;
  readonly onsetSample: number;
  /** Where the line got the bot's `clear`; null: it never came, the bot spoke to its end. */
  readonly clearSample: number | null;
  /** Just after the last audible sample of what was interrupted. */
  readonly silentSample: number;
  /** Onset to silence, milliseconds: how long both spoke. */
  readonly talkOverMs: number;
};

/**
 * One thing the caller said and what followed. Samples are of the media clock of the stream (8 kHz, 0 = first frame), as the line itself counts
 * them, whatever is lost, late or doubled on the way to the bot; null where there was no stream, no sound or no reply.
 */
export type TurnResult = {
  /** Counted from 1, as the caller spoke. */
  readonly index: number;
  /** `voice.turn.index` of the same turn in the trace, or null when the trace has none. */
  readonly traceTurnIndex: number | null;
  readonly saidByCaller: string;
  /** What the bot understood, from the viewer. */
  readonly transcribed: string | null;
  /** What was really played to the caller, demodulated; '' when nothing was, null for sound without words of the modem, as real speech is. */
  readonly heardFromBot: string | null;
  /** How long sound was heard from the bot, in milliseconds: louder than 44 dB below full scale, pauses under 300 ms included. */
  readonly botSpokeMs: number;
  /** Last voiced sample of the caller to first audible sample of the reply. null: no reply began before the caller went on, or a muted caller. */
  readonly trueWaitMs: number | null;
  /** `callerStartSample` in milliseconds. */
  readonly speechStartMs: number | null;
  /** First voiced sample of the caller. */
  readonly callerStartSample: number | null;
  /** Just after the last voiced sample of the caller. */
  readonly callerEndSample: number | null;
  /** First audible sample of the reply. */
  readonly replyStartSample: number | null;
  /** null: the bot was quiet when the caller began. */
  readonly bargeIn: BargeInTruth | null;
};

const SAMPLES_PER_MS = 8;
type Utterance = CallerLine['utterances'][number];

/** Pairs what the caller said with what was heard after it. `mediaStartSample`: position on the line where media time is 0. */
export function createTurns(
  line: CallerLine,
  facts: CallFacts | null,
  mediaStartSample: number | null = null,
): { greeting: string | null; greetingSpokeMs: number; turns: TurnResult[] } {
  const begun = line.utterances.filter((one) => one.startSample !== null);
  const first = begun[0]?.startSample ?? Number.POSITIVE_INFINITY;
  const traced = matchTurns(
    line.utterances.map((one) => one.text),
    facts?.turns ?? [],
  );
  const turns = line.utterances.map((utterance, at): TurnResult => {
    const next = line.utterances.slice(at + 1).find((one) => one.startSample !== null)?.startSample;
    const until = next ?? Number.POSITIVE_INFINITY;
    const turn = traced[at];
    const heard = hearBetween(line, utterance.startSample ?? until, until);
    return {
      index: at + 1,
      traceTurnIndex: turn?.index ?? null,
      saidByCaller: utterance.text,
      transcribed: turn?.transcribed ?? null,
      heardFromBot: heard.text,
      botSpokeMs: heard.spokeMs,
      ...measureTurn(line, utterance, until, mediaStartSample),
    };
  });
  const greeting = hearBetween(line, 0, first);
  return { greeting: greeting.text, greetingSpokeMs: greeting.spokeMs, turns };
}

/** The wait before a phrase: from the caller's last word, null when this is not the first thing heard since then. */
export function findWaitBeforeMs(line: CallerLine, startSample: number): number | null {
  const utterance = line.utterances.findLast((one) => one.endSample !== null && one.endSample <= startSample);
  const end = utterance?.endSample ?? null;
  if (end === null || !utterance?.isVoiced) return null;
  const isFirst = !line.phrases.some((phrase) => phrase.startSample >= end && phrase.startSample < startSample);
  return isFirst ? (startSample - end) / SAMPLES_PER_MS : null;
}

type Measured = Pick<
  TurnResult,
  'trueWaitMs' | 'speechStartMs' | 'callerStartSample' | 'callerEndSample' | 'replyStartSample' | 'bargeIn'
>;

function measureTurn(
  line: CallerLine,
  { isVoiced, onsetSample, endSample }: Utterance,
  untilSample: number,
  mediaStartSample: number | null,
): Measured {
  const onset = isVoiced ? onsetSample : null;
  const end = isVoiced ? endSample : null;
  const isReply = ({ startSample }: BotPhrase) => end !== null && startSample >= end && startSample < untilSample;
  const reply = line.phrases.find(isReply)?.startSample ?? null;
  const onMediaClock = (sample: number | null) =>
    sample === null || mediaStartSample === null ? null : sample - mediaStartSample;
  const callerStartSample = onMediaClock(onset);
  return {
    trueWaitMs: reply === null || end === null ? null : (reply - end) / SAMPLES_PER_MS,
    speechStartMs: callerStartSample === null ? null : callerStartSample / SAMPLES_PER_MS,
    callerStartSample,
    callerEndSample: onMediaClock(end),
    replyStartSample: onMediaClock(reply),
    bargeIn: onset === null ? null : findBargeIn(line, onset, mediaStartSample ?? 0),
  };
}

function findBargeIn(line: CallerLine, onset: number, mediaStartSample: number): BargeInTruth | null {
  const phrase = line.phrases.find((one) => one.startSample < onset && one.endSample > onset);
  if (!phrase) return null;
  const next = line.phrases.find((one) => one.startSample > onset)?.startSample ?? Number.POSITIVE_INFINITY;
  const clear = line.clears.find((sample) => sample >= onset && sample < next) ?? null;
  // The frame that is being played when the buffer is emptied plays to its end.
  const silent = clear === null ? phrase.endSample : Math.min(phrase.endSample, clear + FRAME_BYTES);
  const interruptedIndex = line.utterances.findLastIndex(
    (one) => one.startSample !== null && one.startSample <= phrase.startSample,
  );
  return {
    interruptedIndex: interruptedIndex + 1,
    onsetSample: onset - mediaStartSample,
    clearSample: clear === null ? null : clear - mediaStartSample,
    silentSample: silent - mediaStartSample,
    talkOverMs: (silent - onset) / SAMPLES_PER_MS,
  };
}

function hearBetween(line: CallerLine, fromSample: number, untilSample: number) {
  const phrases = line.phrases.filter(({ startSample }) => startSample >= fromSample && startSample < untilSample);
  const words = phrases.map((phrase) => phrase.text).filter((text) => text !== '');
  const samples = phrases.reduce((sum, { startSample, endSample }) => sum + endSample - startSample, 0);
  return {
    text: phrases.length > 0 && words.length === 0 ? null : words.join(' '),
    spokeMs: Math.round(samples / SAMPLES_PER_MS),
  };
}
