// Loaded by `node --require`: turns telemetry on before the application's first import.
// CommonJS on purpose: loaded as ES modules, the SDK doubles the client spans of node:http (see docs/adr).
const { isMainThread } = require('node:worker_threads');

// The threads of an application inherit this file; an SDK and a spool in each would take 50 MB and more.
if (isMainThread) {
  const { isNodeTooOld, tellNodeTooOld } = require('./src/node-version.ts');
  try {
    if (isNodeTooOld()) tellNodeTooOld();
    else {
      require('./hooks.cjs');
      require('./src/sdk/start.ts').startTelemetry();
    }
  } catch (error) {
    // Whoever started the bot has to read one line that says what is wrong, not where it was found.
    if (!/; expected | must be /.test(error?.message)) throw error;
    process.stderr.write(`callspan: ${error.message}\n`);
    process.exit(1);
  }
}
