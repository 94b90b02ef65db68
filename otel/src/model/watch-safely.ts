import { warnQuietly } from '../quiet-warning.ts';

/** Runs what watches a model; a failure of it goes to OpenTelemetry's diagnostics, never to what is watched. */
export function watchSafely<T>(watch: () => T): T | undefined {
  try {
    return watch();
  } catch (error) {
    warnQuietly('a model call could not be watched', String(error));
    return undefined;
  }
}
