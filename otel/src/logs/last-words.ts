import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';

/**
 * What Node writes to stderr when a process ends of an error: the line of source, the error, its own version. Throwing
 * the error again would let Node write it, but with the place where it was thrown again.
 */
export function tellAsNode(error: unknown): string {
  const colors = Boolean(process.stderr.isTTY && process.stderr.hasColors());
  const head = error instanceof Error ? sourceOf(error) : 'Uncaught:\n';
  const hint =
    error instanceof Error ? '' : '\n(Use `node --trace-uncaught ...` to show where the exception was thrown)';
  return `${head}${shown(error, colors)}${hint}\n\nNode.js ${process.version}\n`;
}

function shown(error: unknown, colors: boolean): string {
  try {
    return inspect(error, { colors });
  } catch {
    return `a thrown ${typeof error} that cannot be shown`;
  }
}

/** The place of the first frame of the error's stack, and its line with a caret below; nothing where it cannot be read. */
function sourceOf(error: Error): string {
  try {
    const frame = /^ +at (?:.*\()?((?:file:\/\/)?\/[^()]*|[A-Za-z]:\\[^()]*):(\d+):(\d+)\)?$/m.exec(
      String(error.stack),
    );
    const [, place = '', line = '', column = ''] = frame ?? [];
    const file = place.startsWith('file:') ? fileURLToPath(place) : place;
    const source = readFileSync(file, 'utf8').split('\n')[Number(line) - 1];
    return source === undefined ? '' : `${place}:${line}\n${source}\n${' '.repeat(Number(column) - 1)}^\n\n`;
  } catch {
    return '';
  }
}
