// Instead of callspan/preload: node --require ./metric-reader.cjs bot.js
require('callspan/hooks');
const { ConsoleMetricExporter, PeriodicExportingMetricReader } = require('@opentelemetry/sdk-metrics');
const { startTelemetry } = require('callspan/sdk');

/** Every metric of the kit on the console, once a minute and at the end, beside where it goes anyway. */
const toConsole = new PeriodicExportingMetricReader({
  exporter: new ConsoleMetricExporter(),
  exportIntervalMillis: 60_000,
});

startTelemetry({ metricReaders: [toConsole] });
