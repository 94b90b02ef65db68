import { diag } from '@opentelemetry/api';

/** Runs what watches a model; a failure of it goes to OpenTelemetry's diagnostics, never to what is watched. */
export function watchSafely<T>(watch: () => T): T | undefined {
  try {
    return watch();
  } catch (error) {
    diag.warn('a model call could not be watched', String(error));
    return undefined;
  }
}
