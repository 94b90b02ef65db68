import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { errorFacts } from './error-type.ts';
import { warnQuietly } from './quiet-warning.ts';

/** Work waits so long for company, milliseconds: with the time until a batch leaves, within what a kill may cost. */
const WAIT_MS = 100;
/** More of one kind gains nothing by being done together, and would hold up the media. */
const MAX_TOGETHER = 64;

/** Does what waits of one kind of work. */
type CatchUp = () => void;

const kinds: CatchUp[] = [];
const listeners = new Set<CatchUp>();
let timer: NodeJS.Timeout | undefined;
let isArmed = false;
let isCatchingUp = false;

/**
 * `work` for items whose outcome nobody in the process waits for: telemetry on its way out. Done one after the other, a
 * few times a second, it costs less than alone, between the bot's own code, which it pushes out of the processor's caches.
 * Items of one kind keep their order; what `work` throws goes to OpenTelemetry's diagnostics. Until `startDeferring`
 * (tests, an SDK of one's own) each item is done at once, and throws where it was made.
 */
export function deferred<T>(work: (item: T) => void): (item: T) => void {
  let waiting: T[] = [];
  const doWaiting: CatchUp = () => {
    if (waiting.length === 0) return;
    const items = waiting;
    waiting = [];
    for (const item of items) safely(work, item);
  };
  kinds.push(doWaiting);
  return (item) => {
    if (!timer) {
      work(item);
      return;
    }
    waiting.push(item);
    if (waiting.length >= MAX_TOGETHER) context.with(ROOT_CONTEXT, doWaiting);
    else arm(timer);
  };
}

function arm(waiting: NodeJS.Timeout): void {
  if (isArmed) return;
  isArmed = true;
  waiting.refresh();
}

/** `work` whenever what waited has been done: what it made can leave. @returns takes `work` away again */
export function onCaughtUp(work: () => void): () => void {
  listeners.add(work);
  return () => listeners.delete(work);
}

/** True when those who asked by `onCaughtUp` are told within 100 ms; false when nothing is deferred, and nobody is told. */
export function isCatchUpComing(): boolean {
  if (!timer) return false;
  if (!isCatchingUp) arm(timer);
  return true;
}

/** From now on deferred work waits. */
export function startDeferring(): void {
  // One timer for all: one made for each item would cost what is saved.
  timer ??= setTimeout(catchUp, WAIT_MS).unref();
}

/** Does what waits, now: before somebody looks at the outcome. */
export function catchUp(): void {
  isArmed = false;
  // In nobody's context: the timer has that of the item which armed it, and what waits is of many calls.
  context.with(ROOT_CONTEXT, doAll);
}

function doAll(): void {
  isCatchingUp = true;
  for (const doWaiting of kinds) doWaiting();
  isCatchingUp = false;
  for (const tell of listeners) safely(tell, undefined);
}

/** What fails keeps nothing else from being done. */
function safely<T>(work: (item: T) => void, item: T): void {
  try {
    work(item);
  } catch (error) {
    const { type, stack = '' } = errorFacts(error);
    warnQuietly('telemetry on its way out failed:', type, stack);
  }
}

/** Does what waits; from now on everything is done at once, as at the end of a process. */
export function stopDeferring(): void {
  clearTimeout(timer);
  timer = undefined;
  catchUp();
}
