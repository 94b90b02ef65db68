import type { IMetricReader, PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { TelemetryConfig } from '../sdk/config.ts';

/** The ways by which metrics leave: pushed with the other signals, scraped, or both. */
export function createMetricReaders(_config: TelemetryConfig, _exporter: PushMetricExporter): IMetricReader[] {
  return [];
}
