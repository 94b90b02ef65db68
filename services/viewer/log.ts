import pino from 'pino';

/** Log of the viewer itself. It is not instrumented: it would tell itself about itself. */
export type ViewerLog = { warn(message: string, error?: unknown): void; error(message: string, error: unknown): void };

/** Warnings and errors as JSON lines on standard output. */
export function createViewerLog(): ViewerLog {
  const logger = pino({ level: 'warn', base: { service: 'viewer' }, timestamp: pino.stdTimeFunctions.isoTime });
  return {
    warn: (message, error) => logger.warn(error === undefined ? {} : { err: error }, message),
    error: (message, error) => logger.error({ err: error }, message),
  };
}
