import { type Context, ROOT_CONTEXT } from '@opentelemetry/api';
import { LogEvent } from '../conventions/index.ts';
import { emitRecord } from '../logs/kit-log.ts';

/** Says in the log what is watched and what could not be seen. */
export type Notices = { notice(text: string, context?: Context): void };

/** @param write a line past the bot's own stdout; never through what the bot may have patched */
export function createNotices(write: (line: string) => void): Notices {
  return {
    notice(text, context = ROOT_CONTEXT) {
      write(`callspan: ${text}`);
      emitRecord({ event: LogEvent.registerNotice, severity: 'info', body: text, context });
    },
  };
}
