import { type LogConfig, readLogConfig } from './config.ts';
import { createLineWriter, type LineTarget, type LineWriter } from './line-writer.ts';
import { createLogFile } from './log-file.ts';
import type { LogLine } from './log-line.ts';
import { createLossReport, type Loss } from './loss-report.ts';
import { showJson } from './plain-text.ts';
import { formatForTerminal } from './terminal-format.ts';

/** Where the lines of this process go. */
export type LogOutputs = {
  readonly config: LogConfig;
  /** @param json the line as JSON, with its line feed; nothing else in it acts on a terminal */
  write(line: LogLine, json: string): void;
  /** Writes what waits, at once. */
  flush(): void;
};

const MAX_FILE_BYTES = 10 * 1024 * 1024;
const KEPT_FILES = 5;
const STDOUT = 1;
/** A console that could not be written to (a full disk, a full pipe at the end) is tried again after so long. */
const CONSOLE_AGAIN_MS = 1000;
/** Nobody reads it, or it is no file: that does not change. */
const GONE = new Set(['EPIPE', 'EBADF']);

let ofProcess: LogOutputs | undefined;

/** The outputs of this process, as its environment says; opened once. @throws TypeError for a variable that is wrong */
export function processOutputs(): LogOutputs {
  if (ofProcess) return ofProcess;
  const outputs = openOutputs(readLogConfig());
  process.on('exit', outputs.flush);
  ofProcess = outputs;
  return outputs;
}

/** The process writes lines of ours: some logger was made. */
export function hasProcessOutputs(): boolean {
  return ofProcess !== undefined;
}

/** @param now milliseconds, for tests */
export function openOutputs(config: LogConfig, now: () => number = () => performance.now()): LogOutputs {
  const console = config.console === 'off' ? undefined : openConsole(config, now);
  const tellLoss = createLossReport(createLossLine(config, console), now);
  const file = (name: string) => {
    if (!config.folder) return undefined;
    const path = `${config.folder}/${name}`;
    const target = createLogFile({ path, maxBytes: MAX_FILE_BYTES, kept: KEPT_FILES });
    return createLineWriter(target, (lines, error) => tellLoss(path, lines, error));
  };
  const combined = file('combined.log');
  const errors = file('error.log');
  return {
    config,
    write(line, json) {
      console?.write(config.console === 'pretty' ? formatForTerminal(line, config) : json);
      combined?.write(json);
      if (line.level === 'error') errors?.write(json);
    },
    flush() {
      for (const writer of [combined, errors, console]) writer?.flush();
    },
  };
}

function openConsole(config: LogConfig, now: () => number): LineWriter {
  const target = createConsoleTarget(now);
  const tellLoss = createLossReport((loss) => writeToStderr(lossLine(loss, config)), now);
  // What nobody reads is lost without a word: there is nobody to hear it.
  return createLineWriter(target, (lines, error) => {
    if (!isGone(error)) tellLoss('the console', lines, error);
  });
}

/** @param now milliseconds, for tests */
export function createConsoleTarget(now: () => number): LineTarget {
  let failure: { readonly error: unknown; readonly untilMs: number } | undefined;
  return {
    open() {
      if (failure && now() < failure.untilMs) throw failure.error;
      return STDOUT;
    },
    failed(error) {
      if (failure?.error === error) return;
      failure = { error, untilMs: isGone(error) ? Number.POSITIVE_INFINITY : now() + CONSOLE_AGAIN_MS };
    },
  };
}

function isGone(error: unknown): boolean {
  return GONE.has(String((error as NodeJS.ErrnoException).code));
}

/** Says of lost lines on the console, or on stderr where there is none. */
function createLossLine(config: LogConfig, console: LineWriter | undefined): (loss: Loss) => void {
  return (loss) => {
    const told = lossLine(loss, config);
    if (console) console.write(told);
    else writeToStderr(told);
  };
}

function lossLine({ path, lines, reason }: Loss, config: LogConfig): string {
  const text = `${lines} log lines could not be written to ${path}: ${reason}`;
  const line: LogLine = {
    level: 'warn',
    timeMs: Date.now(),
    context: 'Logs',
    message: text,
    event: undefined,
    error: undefined,
    call: {},
    span: undefined,
    fields: {},
  };
  if (config.console === 'pretty') return formatForTerminal(line, config);
  return showJson(
    `${JSON.stringify({ level: 40, time: line.timeMs, service: config.service, context: 'Logs', msg: text })}\n`,
  );
}

/** On the same full disk stderr fails, too, and a stream that fails with nobody listening ends the process. */
function writeToStderr(text: string): void {
  const { stderr } = process;
  stderr.write(text, (error) => {
    if (error && stderr.listenerCount('error') === 0) stderr.once('error', () => undefined);
  });
}
