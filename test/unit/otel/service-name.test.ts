import { readLogConfig } from '../../../otel/src/logs/config.ts';
import { readMeasureConfig } from '../../../otel/src/measures/config.ts';
import { readTelemetryConfig } from '../../../otel/src/sdk/config.ts';

test.each<[NodeJS.ProcessEnv, string]>([
  [{}, 'unknown_service'],
  [{ OTEL_SERVICE_NAME: '' }, 'unknown_service'],
  [{ OTEL_SERVICE_NAME: ' ', OTEL_RESOURCE_ATTRIBUTES: 'service.version=1' }, 'unknown_service'],
  [{ OTEL_SERVICE_NAME: 'bot' }, 'bot'],
  [{ OTEL_SERVICE_NAME: 'bot', OTEL_RESOURCE_ATTRIBUTES: 'service.name=other' }, 'bot'],
  [{ OTEL_SERVICE_NAME: '', OTEL_RESOURCE_ATTRIBUTES: 'service.version=1, service.name = my%20bot ' }, 'my bot'],
  [{ OTEL_RESOURCE_ATTRIBUTES: 'service.name=' }, 'unknown_service'],
  [{ OTEL_RESOURCE_ATTRIBUTES: 'service.name=50%' }, '50%'],
])('a service has one name wherever it is written: %j', (env, name) => {
  const all = { ...env, LOG_DIR: '/logs', CALLSPAN_DATA_DIR: '/data' };
  const folder = name.replace(/[^\w.-]/g, '_');
  expect(readTelemetryConfig(all).serviceName).toBe(name);
  expect(readLogConfig(all, {})).toMatchObject({ service: name, folder: `/logs/${folder}` });
  expect(readMeasureConfig(all)).toMatchObject({ service: name, file: `/data/${folder}/measures.jsonl` });
});
