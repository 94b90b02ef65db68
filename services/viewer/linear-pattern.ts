import { setFlagsFromString } from 'node:v8';
import { ViewerError } from './domain/errors.ts';

// Makes V8 know the flag `l`: such a pattern takes time in proportion to its text, or is refused when it is made.
setFlagsFromString('--enable-experimental-regexp-engine');

/** Longer patterns take long even in linear time. */
const MAX_PATTERN = 512;
/** What RE2 reads otherwise than JavaScript does: the answer would be a wrong one. */
const NOT_SHARED = /\(\?(?!:)[^):]*[):]?|\[\[:|\\[1-9kpPaCEQzA]/;

/**
 * RE2's anchored match for whoever may ask anything: patterns of strangers run on the only thread there is.
 * @throws ViewerError `bad_request` for what is no pattern, `unsupported` for what RE2 and the linear engine do not share
 */
export function createLinearPattern(pattern: string): RegExp {
  if (pattern.length > MAX_PATTERN) {
    throw new ViewerError('bad_request', `invalid TraceQL query: a pattern is longer than ${MAX_PATTERN} characters`);
  }
  const withoutEscapes = pattern.replaceAll('\\\\', '  ');
  const [part] = NOT_SHARED.exec(withoutEscapes) ?? [];
  if (part !== undefined) throw notSupported(part);
  try {
    // Alone first: a parenthesis too many must not close the group that the anchors are put around.
    new RegExp(pattern, 's');
  } catch (cause) {
    throw new ViewerError('bad_request', `invalid TraceQL query: not a pattern: ${pattern}`, { cause });
  }
  try {
    return new RegExp(`^(?:${pattern})$`, 'sl');
  } catch (cause) {
    throw notSupported(`${pattern} (repeated more than 16 times?)`, cause);
  }
}

function notSupported(part: string, cause?: unknown): ViewerError {
  return new ViewerError('unsupported', `this part of a pattern is not supported here: ${part}`, { cause });
}
