export { readTelemetryConfig, type TelemetryConfig } from './config.ts';
export { shutdownTelemetry, startTelemetry, type TelemetryParts } from './start.ts';
