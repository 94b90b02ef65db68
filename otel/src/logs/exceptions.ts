import { context as contextApi } from '@opentelemetry/api';
import { Attr, LogEvent, Metric } from '../conventions/index.ts';
import { errorFacts, errorTypeOf } from '../error-type.ts';
import { createInstruments } from '../instruments.ts';
import { createKitLog } from './kit-log.ts';
import { tellAsNode } from './last-words.ts';
import { createLogger } from './logger.ts';
import { hasProcessOutputs } from './outputs.ts';

type Origin = 'uncaughtException' | 'unhandledRejection';
type Listener = (...args: never[]) => void;

/** What is watched for, and how the process ends of it. */
export type ExceptionWatchOptions = {
  /** Delivers what is there, within a deadline of its own; never rejects. */
  readonly flush: () => Promise<void>;
};

/**
 * Records errors that nobody handled, as log `exception` and in `voice.errors`. Where the application listens for them
 * itself, nothing else happens. Where it does not, the process ends as Node would have ended it: same words on stderr,
 * same exit code, after `flush`.
 * @returns what stops watching
 */
export function watchExceptions({ flush }: ExceptionWatchOptions): () => void {
  let isEnding = false;
  let isApplications = false;
  const onMonitor = (error: unknown, origin: Origin) => {
    isApplications = listensBesides(process.listeners('uncaughtException'), onUncaught);
    recordException(error, origin);
  };
  const onUncaught = (error: unknown) => {
    if (isApplications || isEnding) return;
    isEnding = true;
    void flush().finally(() => {
      process.stderr.write(tellAsNode(error));
      process.exit(1);
    });
  };
  const onRejection = (reason: unknown) => recordException(reason, 'unhandledRejection');
  const followed = followListeners('unhandledRejection', onRejection);
  process.on('uncaughtExceptionMonitor', onMonitor);
  process.on('uncaughtException', onUncaught);
  return () => {
    followed();
    process.off('uncaughtExceptionMonitor', onMonitor);
    process.off('uncaughtException', onUncaught);
  };
}

/** Writes one error that nobody handled. Never throws. */
function recordException(error: unknown, origin: Origin): void {
  try {
    const type = errorTypeOf(error);
    const body = `${origin === 'unhandledRejection' ? 'unhandled rejection' : 'uncaught exception'}: ${errorFacts(error).type}`;
    const fields = { event: LogEvent.exception, [Attr.errorType]: type, error };
    createInstruments().record(Metric.errors, 1, { [Attr.errorType]: type, severity: 'error' });
    // A process whose console is not ours gets no line of ours on it.
    if (hasProcessOutputs()) createLogger({ context: 'Process' }).error(body, fields);
    else recordOnly(body, error);
  } catch {
    // The error itself is told by Node.
  }
}

function recordOnly(body: string, error: unknown): void {
  const { type, message, stack } = errorFacts(error);
  const attributes = {
    [Attr.errorType]: errorTypeOf(error),
    [Attr.exceptionType]: type,
    ...(message && { [Attr.exceptionMessage]: message }),
    ...(stack && { [Attr.exceptionStacktrace]: stack }),
  };
  createKitLog()({ event: LogEvent.exception, severity: 'error', body, context: contextApi.active(), attributes });
}

/** Listens while others do: a listener of ours alone would count as the application's, and nothing would end. */
function followListeners(event: 'unhandledRejection', listener: (reason: unknown) => void): () => void {
  const listeners = () => process.listeners(event) as readonly Listener[];
  const onNew = (name: string | symbol, added: Listener) => {
    if (name === event && added !== listener && !listeners().includes(listener)) process.on(event, listener);
  };
  const onRemoved = (name: string | symbol, removed: Listener) => {
    if (name === event && removed !== listener && !listensBesides(listeners(), listener)) process.off(event, listener);
  };
  if (process.listenerCount(event) > 0) process.on(event, listener);
  process.on('newListener', onNew);
  process.on('removeListener', onRemoved);
  return () => {
    process.off('newListener', onNew);
    process.off('removeListener', onRemoved);
    process.off(event, listener);
  };
}

function listensBesides(listeners: readonly unknown[], own: unknown): boolean {
  return listeners.some((listener) => listener !== own);
}
