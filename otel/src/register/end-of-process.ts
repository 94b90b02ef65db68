import type { Guard } from './guard.ts';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

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
  for (const signal of SIGNALS) {
    const onSignal = () => {
      if (process.listenerCount(signal) > 1) return;
      void end().then(() => {
        process.off(signal, onSignal);
        process.kill(process.pid, signal);
      });
    };
    process.on(signal, onSignal);
  }
  process.once('beforeExit', () => void end());
}
