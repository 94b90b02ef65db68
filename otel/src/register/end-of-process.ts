import type { Guard } from './guard.ts';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
type Listener = (...args: never[]) => void;

/**
 * Delivers what is queued before the process ends, and then lets it end as it would have: by the same signal when the app
 * does not handle it, by itself when nothing is left to do. A signal that the app handles is the app's alone: its calls may
 * go on until it is ready, and nothing here keeps the process alive or ends it.
 */
export function watchEndOfProcess(guard: Guard, shutdown: () => Promise<void>): void {
  let ending: Promise<void> | undefined;
  const end = () => {
    ending ??= guard(shutdown)?.catch(() => undefined) ?? Promise.resolve();
    return ending;
  };
  for (const signal of SIGNALS) watchSignal(signal, end);
  process.once('beforeExit', () => void end());
}

/**
 * Listens only while nobody else does: packages that clean up at the end (signal-exit) end the process when they are the
 * only ones that listen, and would wait for us for ever.
 */
function watchSignal(signal: (typeof SIGNALS)[number], end: () => Promise<void>): void {
  const listeners = () => process.listeners(signal) as readonly Listener[];
  const isOthers = () => listeners().some((listener) => listener !== onSignal);
  const stop = () => {
    process.off('newListener', onNew);
    process.off('removeListener', onRemoved);
    process.off(signal, onSignal);
  };
  const onSignal = () => {
    if (isOthers()) return;
    void end().then(() => {
      stop();
      process.kill(process.pid, signal);
    });
  };
  const onNew = (name: string | symbol, added: Listener) => {
    // Only when it is there: without any listener for a moment, Node would no longer hear the signal.
    if (name === signal && added !== onSignal) process.nextTick(() => isOthers() && process.off(signal, onSignal));
  };
  const onRemoved = (name: string | symbol, removed: Listener) => {
    if (name !== signal || removed === onSignal) return;
    if (!isOthers() && !listeners().includes(onSignal)) process.on(signal, onSignal);
  };
  process.on('newListener', onNew);
  process.on('removeListener', onRemoved);
  process.on(signal, onSignal);
}
