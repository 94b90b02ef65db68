type Finish = () => void | Promise<void>;

const finishes = new Set<Finish>();

/**
 * Lets `finish` run when the telemetry of the process is shut down, before its exporters are flushed: `finish` may still
 * end spans. It is waited for within the deadline of the shutdown.
 * @returns what takes it back
 */
export function onShutdown(finish: Finish): () => void {
  finishes.add(finish);
  return () => void finishes.delete(finish);
}

/** Runs everything that was handed in; what one of them throws stops no other. */
export async function runShutdown(): Promise<void> {
  await Promise.allSettled([...finishes].map(async (finish) => finish()));
}
