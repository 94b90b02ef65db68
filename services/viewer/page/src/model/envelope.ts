import { LogEvent } from 'callspan/conventions';
import type { LogLine } from '../../../api/types.ts';
import { findTurnIndex } from './attribute.ts';
import type { Interval } from './time-axis.ts';

/** How loud one side was: a figure from 0 (silence) to 100 for each step, and when it spoke (epoch milliseconds). */
type Voice = { readonly loudness: readonly number[]; readonly speech: readonly Interval[] };

/** The sound of one turn as its `voice.envelope` record tells it: numbers only, nothing of what was said. */
export type Envelope = {
  readonly turnIndex: number | null;
  /** Epoch milliseconds. */
  readonly startMs: number;
  readonly stepMs: number;
  readonly caller: Voice;
  readonly bot: Voice;
};

/** A turn longer than this is no turn: ten minutes of steps of 100 ms. */
const MAX_STEPS = 6000;
const MAX_INTERVALS = 500;

/** The envelopes among a call's log lines; a body that is none is left out. */
export function listEnvelopes(logs: readonly LogLine[]): Envelope[] {
  return logs.flatMap((line) => (isEnvelope(line) ? (parseEnvelope(line) ?? []) : []));
}

/** Whether a log line holds figures for the lanes, which nobody wants to read as text. */
export function isEnvelope(line: LogLine): boolean {
  return line.eventName === LogEvent.envelope;
}

function parseEnvelope(line: LogLine): Envelope | null {
  const body = readJson(line.body);
  if (body?.v !== 1) return null;
  const { startMs, stepMs } = body;
  if (!isFigure(startMs) || !isFigure(stepMs) || stepMs <= 0) return null;
  const toVoice = (loudness: unknown, speech: unknown): Voice => ({
    loudness: toLoudness(loudness),
    speech: toIntervals(speech, startMs),
  });
  return {
    turnIndex: findTurnIndex(line),
    startMs,
    stepMs,
    caller: toVoice(body.caller, body.callerSpeech),
    bot: toVoice(body.bot, body.botSpeech),
  };
}

function readJson(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function isFigure(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function toLoudness(values: unknown): number[] {
  if (!Array.isArray(values)) return [];
  return values.slice(0, MAX_STEPS).map((value) => (isFigure(value) ? Math.max(0, Math.min(100, value)) : 0));
}

function toIntervals(values: unknown, startMs: number): Interval[] {
  if (!Array.isArray(values)) return [];
  return values.slice(0, MAX_INTERVALS).flatMap((pair: unknown) => {
    const [from, to] = Array.isArray(pair) ? pair : [];
    return isFigure(from) && isFigure(to) && to > from ? { fromMs: startMs + from, toMs: startMs + to } : [];
  });
}
