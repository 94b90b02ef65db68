import { readTelemetryConfig } from '../../../otel/src/sdk/config.ts';

test.each([
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'localhost:4318', 'a URL that begins with http:// or https://'],
  ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'nonsense', 'a URL that begins with http:// or https://'],
  ['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', '/v1/metrics', 'a URL that begins with http:// or https://'],
  ['OTEL_EXPORTER_OTLP_LOGS_ENDPOINT', 'grpc://there', 'a URL that begins with http:// or https://'],
  ['CALLSPAN_LIVE_ENDPOINT', '4318', 'a URL that begins with http:// or https://'],
  ['OTEL_TRACES_EXPORTER', 'jaeger', 'otlp or none'],
  ['OTEL_LOGS_EXPORTER', 'console', 'otlp or none'],
])('%s cannot be %s: the error says what it may be', (name, value, expected) => {
  expect(() => readTelemetryConfig({ [name]: value })).toThrow(
    new TypeError(`${name} is ${JSON.stringify(value)}; expected ${expected}`),
  );
});

test('empty variables are as good as none, and addresses of both schemes are receivers', () => {
  const empty = { OTEL_EXPORTER_OTLP_ENDPOINT: '', CALLSPAN_LIVE_ENDPOINT: '', OTEL_TRACES_EXPORTER: '' };
  expect(readTelemetryConfig(empty)).toMatchObject({ exportTraces: true, liveEndpoint: undefined });
  const told = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://tempo.example/otlp', OTEL_LOGS_EXPORTER: 'none' };
  expect(readTelemetryConfig(told)).toMatchObject({ exportLogs: false, exportTraces: true });
});
