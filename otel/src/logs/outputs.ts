import { type LogConfig, readLogConfig } from './config.ts';
import { createLineWriter, type LineWriter } from './line-writer.ts';
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
  const console = config.console === 'off' ? undefined : openConsole();
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

/** What the console cannot take is lost without a word: there is nobody to hear it. */
function openConsole(): LineWriter {
  let isGone = false;
  const target = {
    open() {
      if (isGone) throw new Error('nobody reads the console');
      return STDOUT;
    },
    failed() {
      isGone = true;
    },
  };
  return createLineWriter(target, () => undefined);
}

/** Says of lost lines on the console, or on stderr where there is none. */
function createLossLine(config: LogConfig, console: LineWriter | undefined): (loss: Loss) => void {
  return ({ path, lines, reason }) => {
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
    const json = `${JSON.stringify({ level: 40, time: line.timeMs, service: config.service, context: 'Logs', msg: text })}\n`;
    const told = config.console === 'pretty' ? formatForTerminal(line, config) : showJson(json);
    if (console) console.write(told);
    else process.stderr.write(told);
  };
}
