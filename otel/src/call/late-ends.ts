import { onShutdown } from '../sdk/shutdown.ts';

/** How long the trace of a call that has ended waits for the usage of answers that are on their way (milliseconds). */
export const LATE_USAGE_MS = 2000;

const waiting = new Set<() => void>();
let isAtShutdown = false;

/**
 * Runs `close` after two seconds, or before that when what is returned is called, at the shutdown of the telemetry, or
 * with every other one by `closeLateCalls`: once.
 */
export function closeLater(close: () => void): () => void {
  if (!isAtShutdown) onShutdown(closeLateCalls);
  isAtShutdown = true;
  const closeOnce = () => {
    if (!waiting.delete(closeOnce)) return;
    clearTimeout(timer);
    close();
  };
  // It keeps the process alive: a call whose own span is lost has no trace.
  const timer = setTimeout(closeOnce, LATE_USAGE_MS);
  waiting.add(closeOnce);
  return closeOnce;
}

/** Closes every call that still waits. */
export function closeLateCalls(): void {
  for (const close of [...waiting]) close();
}
