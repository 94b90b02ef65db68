import { diag } from '@opentelemetry/api';

/** A warning to OpenTelemetry's diagnostics, whose logger may be an application's own and throw: then nobody is told. */
export function warnQuietly(text: string, ...facts: readonly unknown[]): void {
  try {
    diag.warn(text, ...facts);
  } catch {
    // There is nobody left to tell.
  }
}
