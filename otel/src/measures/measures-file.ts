import { createLineWriter } from '../logs/line-writer.ts';
import { createLogFile } from '../logs/log-file.ts';
import type { Problems } from '../logs/problems.ts';
import type { MeasureListener } from './measure.ts';
import { lineOf } from './measure-line.ts';

const MAX_BYTES = 10 * 1024 * 1024;
/** Full files beside the current one. */
const KEPT_FILES = 5;

/** A JSONL file of measures that is being written. */
export type MeasuresFile = {
  readonly listener: MeasureListener;
  /** Writes what waits, at once: for the end of the process. Never throws. */
  flush(): void;
};

/**
 * Writes measures to `path`, one JSON object a line, a moment later and off the event loop. At `maxBytes` (default
 * 10 MB) a new file is begun; five full ones stay beside it, `measures.1.jsonl` the youngest. Each line that cannot be
 * written is a problem `measures_unwritten`, told once a minute; the next one is tried again.
 */
export function openMeasuresFile(
  { path, maxBytes = MAX_BYTES }: { readonly path: string; readonly maxBytes?: number },
  problems: Problems,
): MeasuresFile {
  const writer = createLineWriter(createLogFile({ path, maxBytes, kept: KEPT_FILES }), (lines, error) => {
    for (let line = 0; line < lines; line += 1) problems.report('measures_unwritten', undefined, error);
  });
  return {
    listener: (measure) => writer.write(`${JSON.stringify(lineOf(measure))}\n`),
    flush: () => writer.flush(),
  };
}
