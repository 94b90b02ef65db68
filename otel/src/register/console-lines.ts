import { format } from 'node:util';
import { context, logs, SeverityNumber } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { Attr } from '../conventions/index.ts';
import { processRedactor } from '../redaction/redactor.ts';
import { isTelemetryRunning } from '../sdk/start.ts';
import type { Guard } from './guard.ts';

const SEVERITY = {
  debug: SeverityNumber.DEBUG,
  log: SeverityNumber.INFO,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
} as const;

type Level = keyof typeof SEVERITY;

/**
 * What the app writes with `console` also leaves as log records, with the ids of the span in which it was written. The text
 * in the terminal stays as it was: whoever reads it there, or parses it, sees no difference. What is written while a line is
 * being recorded, or by the way out itself, makes no record, so that nothing can go round.
 */
export function watchConsole(guard: Guard): void {
  const target: Console = globalThis.console;
  let isRecording = false;
  for (const level of Object.keys(SEVERITY) as Level[]) {
    const write = target[level];
    target[level] = (...values: unknown[]) => {
      Reflect.apply(write, target, values);
      if (isRecording || !isTelemetryRunning() || isTracingSuppressed(context.active())) return;
      isRecording = true;
      guard(() =>
        logs.getLogger('console').emit({
          context: context.active(),
          severityNumber: SEVERITY[level],
          severityText: level === 'log' ? 'info' : level,
          body: format(...values.map(readable)),
        }),
      );
      isRecording = false;
    };
  }
}

const MAX_CAUSES = 4;

/** Once they are text, the keys of an object and the words of an error are told from other words by nobody. */
function readable(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return value instanceof Error ? readableError(value) : processRedactor().fields(value);
}

/** Message, frames and causes, without what the messages quote. */
function readableError(error: Error): string {
  const told: string[] = [];
  for (let at: unknown = error; at instanceof Error && told.length < MAX_CAUSES; at = at.cause) {
    told.push(at.stack ?? `${at.name}: ${at.message}`);
  }
  const safe = processRedactor().attributes({ [Attr.exceptionStacktrace]: told.join('\nCaused by: ') });
  return String(safe[Attr.exceptionStacktrace]);
}
