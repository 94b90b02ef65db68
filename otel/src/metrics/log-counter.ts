import { type Meter, metrics, SeverityNumber } from '@opentelemetry/api';
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import { LOG_SEVERITIES } from '../conventions/closed-labels.ts';
import { Metric, SCOPE_NAME } from '../conventions/index.ts';

/** Counts log records by severity. */
export type LogCounter = {
  /** Sees every log record of the process, whoever wrote it and wherever it goes. */
  readonly processor: LogRecordProcessor;
  /** Shows the counts when metrics are collected, from 0 on. Call it when the SDK has started. */
  observe(meter?: Meter): void;
};

const nothing = async () => undefined;

/** A counter that starts with 0 of every severity. */
export function createLogCounter(): LogCounter {
  const counts = new Map<string, number>(LOG_SEVERITIES.map((severity) => [severity, 0]));
  return {
    processor: {
      onEmit({ severityNumber }) {
        const severity = severityOf(severityNumber);
        counts.set(severity, (counts.get(severity) ?? 0) + 1);
      },
      forceFlush: nothing,
      shutdown: nothing,
    },
    observe(meter = metrics.getMeter(SCOPE_NAME)) {
      const { name, unit, meaning: description } = Metric.logRecords;
      meter.createObservableCounter(name, { unit, description }).addCallback((result) => {
        for (const [severity, count] of counts) result.observe(count, { severity });
      });
    },
  };
}

/** Severity numbers come in fours: 1 to 4 are trace, 21 to 24 fatal. */
function severityOf(number: SeverityNumber = SeverityNumber.INFO): string {
  return LOG_SEVERITIES[Math.floor((Math.max(1, number) - 1) / 4)] ?? 'info';
}
