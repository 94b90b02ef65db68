import { type Logger, type LoggerProvider, logs } from '@opentelemetry/api';

/** Scopes are the components of a program; should somebody name them by what they see, they are not kept for ever. */
const MAX_KNOWN = 200;

let provider: LoggerProvider | undefined;
const known = new Map<string, Logger>();

/**
 * The OpenTelemetry logger of `scope`, kept: the SDK makes a key of a scope whenever it is asked for one. Undefined when
 * nobody takes its records (no SDK, or turned off): then none has to be made.
 */
export function recordLogger(scope: string): Logger | undefined {
  const now = logs.getLoggerProvider();
  if (now !== provider) {
    provider = now;
    known.clear();
  }
  let logger = known.get(scope);
  if (!logger) {
    logger = now.getLogger(scope);
    if (known.size < MAX_KNOWN) known.set(scope, logger);
  }
  return logger.enabled() ? logger : undefined;
}
