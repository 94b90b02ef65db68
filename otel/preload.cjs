// Loaded by `node --require`: turns telemetry on before the application's first import.
// CommonJS on purpose: loaded as ES modules, the SDK doubles the client spans of node:http (see docs/adr).
require('./hooks.cjs');
const { startTelemetry } = require('./src/sdk/start.ts');

startTelemetry();
