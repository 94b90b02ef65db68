// Loaded by `node --require`: traces the calls of a bot that was not written for it.
// Whatever goes wrong here, the bot runs as before. CommonJS on purpose, as preload.cjs.
const { isMainThread } = require('node:worker_threads');

try {
  // The threads of a bot inherit this file: those of its logger, mostly.
  if (isMainThread) {
    const { isNodeTooOld, tellNodeTooOld } = require('./src/node-version.ts');
    if (isNodeTooOld()) tellNodeTooOld();
    else {
      require('./hooks.cjs');
      require('./src/register/start-register.ts').startRegister();
    }
  }
} catch (error) {
  process.stderr.write(`callspan: the bot runs without tracing: ${error?.message ?? error}\n`);
}
