/** OpenTelemetry's own default. */
const UNKNOWN = 'unknown_service';

/**
 * Who sends, under one name wherever it stands (telemetry, log lines, measures, folders): `OTEL_SERVICE_NAME`, else
 * `service.name` of `OTEL_RESOURCE_ATTRIBUTES`, else `unknown_service`.
 */
export function serviceNameOf(env: NodeJS.ProcessEnv): string {
  return env.OTEL_SERVICE_NAME?.trim() || nameAmong(env.OTEL_RESOURCE_ATTRIBUTES ?? '') || UNKNOWN;
}

/** `key=value`, comma between, percent-encoded: of several the last counts. */
function nameAmong(attributes: string): string | undefined {
  const pairs = attributes.split(',').map((pair) => pair.split('='));
  const value = pairs.findLast(([key]) => key?.trim() === 'service.name')?.[1]?.trim();
  if (!value) return undefined;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
