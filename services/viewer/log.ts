import { createLogger } from 'callspan';

/** Log of the viewer itself. It is not instrumented: it would tell itself about itself. */
export type ViewerLog = { warn(message: string, error?: unknown): void; error(message: string, error: unknown): void };

/** Warnings and errors as the kit writes them: console and files, no records. */
export function createViewerLog(): ViewerLog {
  const logger = createLogger({ context: 'Viewer' });
  return {
    warn: (message, error) => logger.warn(message, error === undefined ? {} : { error }),
    error: (message, error) => logger.error(message, { error }),
  };
}
