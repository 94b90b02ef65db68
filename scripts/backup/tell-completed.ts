import { BACKUP_COMPLETED } from 'callspan/conventions';
import type { BackupConfig } from './config.ts';

const TIMEOUT_MS = 5000;

/**
 * Sends when the last backup was complete as a gauge of epoch seconds; 0: never. @throws Error when the Collector does not take it
 */
export async function tellCompleted(
  { otlpUrl, environment }: Pick<BackupConfig, 'otlpUrl' | 'environment'>,
  completedAtMs: number,
): Promise<void> {
  const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } });
  const attributes = [
    attribute('service.name', 'backup'),
    attribute('service.namespace', 'callspan'),
    attribute('deployment.environment.name', environment),
  ];
  const point = { timeUnixNano: `${Date.now()}000000`, asDouble: Math.floor(completedAtMs / 1000) };
  const metrics = [{ name: BACKUP_COMPLETED, unit: 's', gauge: { dataPoints: [point] } }];
  const response = await fetch(`${otlpUrl}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ metrics }] }] }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
}
