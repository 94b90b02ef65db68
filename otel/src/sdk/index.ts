export { readTelemetryConfig, type TelemetryConfig } from './config.ts';
export { shutdownTelemetry } from './shutdown-telemetry.ts';
export { startTelemetry, type TelemetryParts } from './start.ts';
