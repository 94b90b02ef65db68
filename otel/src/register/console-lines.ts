import { format } from 'node:util';
import { context, logs, SeverityNumber } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
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
          body: format(...values),
        }),
      );
      isRecording = false;
    };
  }
}
