import { explainMilliseconds } from './fields.ts';
import { findNearest } from './nearest.ts';

/** Every variable that overrides a limit begins so. */
export const OVERRIDE_PREFIX = 'CALLSPAN_THRESHOLD_';

/** The two figures of a limit. */
export type LimitLevel = 'warning' | 'critical';

/** What a variable says instead of the file. */
export type Override = { readonly variable: string; readonly valueMs: number };

/** By the id of a limit and its level: `response_gap.warning`. */
export type Overrides = ReadonlyMap<string, Override>;

/** Why a variable cannot be taken. */
export type OverrideProblem = {
  readonly variable: string;
  readonly reason: string;
  readonly nearest?: string;
  /** The figure of the file that it is for; undefined where it is for none. */
  readonly overrides?: { readonly id: string; readonly level: LimitLevel };
};

/** `CALLSPAN_THRESHOLD_TRANSCRIPTION_DEEPGRAM_WARNING_MS` for the limit `transcription_deepgram`. */
export function overrideVariable(id: string, level: LimitLevel): string {
  return `${OVERRIDE_PREFIX}${id}_${level}_MS`.toUpperCase();
}

/**
 * What the environment says instead of the file. A variable that is empty counts as not set; one that begins like an
 * override and is none of a limit of the file is a problem, so that a slip is not silently the default.
 * @param ids the limits of the file, counted ones included
 */
export function readOverrides(
  env: Readonly<Record<string, string | undefined>>,
  ids: readonly string[],
): { readonly overrides: Overrides; readonly problems: readonly OverrideProblem[] } {
  const known = new Map<string, { readonly id: string; readonly level: LimitLevel }>();
  for (const id of ids) {
    for (const level of ['warning', 'critical'] as const) known.set(overrideVariable(id, level), { id, level });
  }
  const overrides = new Map<string, Override>();
  const problems: OverrideProblem[] = [];
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith(OVERRIDE_PREFIX) || text === undefined || text.trim() === '') continue;
    const figure = known.get(variable);
    if (figure === undefined) {
      const nearest = findNearest(variable, [...known.keys()]);
      problems.push({ variable, reason: 'overrides no limit of this file', ...(nearest ? { nearest } : {}) });
      continue;
    }
    const valueMs = /^[-+\d.e]+$/i.test(text.trim()) ? Number(text) : text;
    const wrong = explainMilliseconds(valueMs);
    if (wrong) problems.push({ variable, reason: wrong, overrides: figure });
    else overrides.set(`${figure.id}.${figure.level}`, { variable, valueMs: Number(valueMs) });
  }
  return { overrides, problems };
}
