import { createLineWriter } from '../logs/line-writer.ts';
import { createLogFile } from '../logs/log-file.ts';
import { createLossReport } from '../logs/loss-report.ts';
import type { Problems } from '../logs/problems.ts';
import type { Measure, MeasureListener } from './measure.ts';
import { lineOf } from './measure-line.ts';

const MAX_BYTES = 10 * 1024 * 1024;
/** Full files beside the current one. */
const KEPT_FILES = 5;
/** Lines are made so much later, some at a time: not while a call waits for its measure. */
const GATHER_MS = 500;
const LINES_AT_ONCE = 250;
const MAX_WAITING = 10_000;

/** Where measures are written. */
export type MeasuresFileOptions = {
  readonly path: string;
  readonly maxBytes?: number;
  /** Writes a line for whoever started the process; default: on stderr. */
  readonly warn?: (line: string) => void;
  /** Milliseconds, for tests. */
  readonly now?: () => number;
};

/** A JSONL file of measures that is being written. */
export type MeasuresFile = {
  readonly listener: MeasureListener;
  /** Writes what waits, at once: for the end of the process. Never throws. */
  flush(): void;
};

/**
 * Writes measures to `path`, one JSON object a line, a moment later and off the event loop. At `maxBytes` (default
 * 10 MB) a new file is begun; five full ones stay beside it, `measures.1.jsonl` the youngest. Each line that cannot be
 * written is a problem `measures_unwritten`, told once a minute, on stderr too: the log may go nowhere. The next one is
 * tried again.
 */
export function openMeasuresFile(options: MeasuresFileOptions, problems: Problems): MeasuresFile {
  const { path, maxBytes = MAX_BYTES, warn = writeOnStderr, now } = options;
  const tellLoss = createLossReport(({ untold, reason }) => {
    const measures = untold === 1 ? '1 measure' : `${untold} measures`;
    warn(`callspan: ${measures} could not be written to ${path}: ${reason}\n`);
  }, now);
  const waiting: Measure[] = [];
  let timer: NodeJS.Timeout | undefined;
  const lost = (lines: number, error: unknown) => {
    for (let line = 0; line < lines; line += 1) problems.report('measures_unwritten', undefined, error);
    tellLoss(path, lines, error);
  };
  const writer = createLineWriter(createLogFile({ path, maxBytes, kept: KEPT_FILES }), lost);
  const writeSome = (count: number) => {
    for (const measure of waiting.splice(0, count)) writer.write(`${JSON.stringify(lineOf(measure))}\n`);
  };
  const schedule = () => {
    timer ??= setTimeout(
      () => {
        timer = undefined;
        writeSome(LINES_AT_ONCE);
        if (waiting.length > 0) schedule();
      },
      waiting.length > LINES_AT_ONCE ? 0 : GATHER_MS,
    ).unref();
  };
  return {
    listener(measure) {
      if (waiting.length >= MAX_WAITING) return lost(1, new Error('too slow'));
      waiting.push(measure);
      schedule();
    },
    flush() {
      clearTimeout(timer);
      timer = undefined;
      // Little by little: the writer takes no more than its own limit at once.
      while (waiting.length > 0) {
        writeSome(LINES_AT_ONCE);
        writer.flush();
      }
      writer.flush();
    },
  };
}

function writeOnStderr(line: string): void {
  process.stderr.write(line);
}
