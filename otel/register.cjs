// Loaded by `node --require`: traces the calls of a bot that was not written for it.
// Whatever goes wrong here, the bot runs as before. CommonJS on purpose, as preload.cjs.

/** Modules that find out by the order of their imports where they run: a wrapped one finds out too late. */
const UNWRAPPED = [
  /openai\/_shims/,
  /openai\/resources\/chat\/completions\/messages/,
  /openai\/agents-core\/dist\/shims/,
  /@anthropic-ai\/sdk\/_shims/,
];

try {
  require('import-in-the-middle/register-hooks.mjs').register({ exclude: UNWRAPPED });
  require('./src/register/start-register.ts').startRegister();
} catch (error) {
  process.stderr.write(`callspan: the bot runs without tracing: ${error?.message ?? error}\n`);
}
