// Loaded first by every preload: lets instrumentations see what is imported, before the application's first import.

/** Modules that find out by the order of their imports where they run: a wrapped one finds out too late, and throws. */
const UNWRAPPED = [
  /openai\/_shims/,
  /openai\/resources\/chat\/completions\/messages/,
  /openai\/agents-core\/dist\/shims/,
  /@anthropic-ai\/sdk\/_shims/,
];

require('import-in-the-middle/register-hooks.mjs').register({ exclude: UNWRAPPED });
