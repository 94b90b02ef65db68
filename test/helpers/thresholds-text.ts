import { readFileSync } from 'node:fs';
import { THRESHOLDS_FILE } from '../../thresholds/config.ts';
import type { Thresholds } from '../../thresholds/model.ts';
import { ThresholdsError, type ThresholdsProblem } from '../../thresholds/problems.ts';
import { readThresholds } from '../../thresholds/read.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The project's own file as text. */
export const OWN_TEXT = readFileSync(THRESHOLDS_FILE, 'utf8');

/** The project's own file with one place changed; the place must be there. */
export function changeText(from: string | RegExp, to: string, text = OWN_TEXT): string {
  const changed = text.replace(from, to);
  if (changed === text) throw new Error(`the file has no ${from}`);
  return changed;
}

/** Reads a text as the file `t.yaml`. */
export function read(text: string, env: Environment = {}): Thresholds {
  return readThresholds(text, { file: 't.yaml', env });
}

/** What is wrong with a text; none where it is right. */
export function problemsOf(text: string, env: Environment = {}): readonly ThresholdsProblem[] {
  try {
    read(text, env);
    return [];
  } catch (error) {
    if (error instanceof ThresholdsError) return error.problems;
    throw error;
  }
}

/** The line, from 1, on which `part` first stands. */
export function lineOf(text: string, part: string): number {
  const index = text.indexOf(part);
  if (index === -1) throw new Error(`the text has no ${part}`);
  return text.slice(0, index).split('\n').length;
}
