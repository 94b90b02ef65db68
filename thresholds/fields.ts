import { z } from 'zod';
import { DURATION_PATTERN, formatDuration, parseDuration } from './durations.ts';

/** A voice frame lasts 20 ms: nothing that is measured in a call is finer, and 1.4 was meant as seconds. */
const LEAST_MS = 20;
const MOST_MS = 600_000;

/** @returns why a value cannot be a limit in milliseconds; undefined where it can */
export function explainMilliseconds(value: unknown): string | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    return `must be a number of milliseconds without a unit, is ${show(value)}`;
  }
  if (value <= 0) return `must be above 0 milliseconds, is ${value}`;
  if (value < LEAST_MS) {
    const meant = Math.round(value * 1000);
    const hint = meant <= MOST_MS ? `; ${value} s would be ${meant}` : '';
    return `is ${value} milliseconds, less than one frame of audio (${LEAST_MS})${hint}`;
  }
  if (value > MOST_MS) return `is ${value} milliseconds, longer than any stage may take (${MOST_MS})`;
  if (!Number.isInteger(value)) return `must be whole milliseconds, is ${value}`;
  return undefined;
}

/** A value of the file, short enough for a line. */
export function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** Milliseconds of one execution. */
export const milliseconds = () =>
  z
    .unknown()
    .superRefine((value, context) => {
      const message = explainMilliseconds(value);
      if (message) context.addIssue({ code: 'custom', message });
    })
    .transform((value) => Number(value))
    .meta({ type: 'integer', minimum: LEAST_MS, maximum: MOST_MS });

/** A length of time with its units in the file, milliseconds behind it; both ends may be reached. */
export const duration = (least: string, most: string) =>
  z
    .unknown()
    .superRefine((value, context) => {
      const message = explainDuration(value, least, most);
      if (message) context.addIssue({ code: 'custom', message });
    })
    .transform((value) => parseDuration(String(value)))
    .meta({ type: 'string', pattern: DURATION_PATTERN.source });

function explainDuration(value: unknown, least: string, most: string): string | undefined {
  const durationMs = typeof value === 'string' ? parseDuration(value) : Number.NaN;
  if (Number.isNaN(durationMs)) {
    const hint = typeof value === 'number' ? `; is it ${value}s or ${value}m?` : '';
    return `must be a length of time such as 30s, 5m or 1h30m, is ${show(value)}${hint}`;
  }
  if (durationMs < parseDuration(least) || durationMs > parseDuration(most)) {
    return `must be from ${least} to ${most}, is ${formatDuration(durationMs)}`;
  }
  return undefined;
}

/** A part of a whole, from 0 and below 1. */
export const share = () =>
  z
    .unknown()
    .superRefine((value, context) => {
      if (typeof value === 'number' && value >= 0 && value < 1) return;
      const percent = Number(typeof value === 'string' ? value.replace('%', '') : value);
      const hint = percent >= 1 && percent < 100 ? `; ${percent} % is ${Number((percent / 100).toPrecision(6))}` : '';
      context.addIssue({ code: 'custom', message: `must be a share from 0 to below 1, is ${show(value)}${hint}` });
    })
    .transform((value) => Number(value))
    .meta({ type: 'number', minimum: 0, exclusiveMaximum: 1 });

/** A number from `least` to `most`. */
export const figure = (least: number, most: number) => {
  const error = ({ input }: { readonly input?: unknown }) =>
    `must be a number from ${least} to ${most}, is ${show(input)}`;
  return z.number({ error }).min(least, { error }).max(most, { error });
};

/** A whole number from `least` to `most`. */
export const count = (least: number, most: number) => {
  const error = ({ input }: { readonly input?: unknown }) =>
    `must be a whole number from ${least} to ${most}, is ${show(input)}`;
  return z.number({ error }).int({ error }).min(least, { error }).max(most, { error });
};

/** A text that `pattern` allows; `expected` says in words what that is. */
export const text = (pattern: RegExp, expected: string) => {
  const error = ({ input }: { readonly input?: unknown }) => `must be ${expected}, is ${show(input)}`;
  return z.string({ error }).regex(pattern, { error });
};

/** One of a few words. */
export const choice = <const T extends readonly [string, ...string[]]>(...words: T) =>
  z.enum(words, { error: ({ input }) => `must be ${words.join(' or ')}, is ${show(input)}` });
