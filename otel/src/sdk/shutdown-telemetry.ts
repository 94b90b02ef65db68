import { isNodeTooOld } from '../node-version.ts';
import { shutdownTelemetry as shutdown } from './start.ts';

/** Sends what is still queued, for at most 3 s. Call it when everything else has been closed; never throws. */
export async function shutdownTelemetry(): Promise<void> {
  // Nothing was started, and what the shutdown is made of may not be there.
  if (!isNodeTooOld()) await shutdown();
}
