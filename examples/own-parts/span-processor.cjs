// Instead of callspan/preload: node --require ./span-processor.cjs bot.js
require('callspan/hooks');
const { startTelemetry } = require('callspan/sdk');

/** Tells of every model call as it ends. It sees what the exporters see, after redaction. */
const modelCalls = {
  onStart() {},
  onEnd(span) {
    if (!span.attributes['gen_ai.request.model']) return;
    const ms = Math.round(span.duration[0] * 1000 + span.duration[1] / 1e6);
    console.log(`${span.name} took ${ms} ms, trace ${span.spanContext().traceId}`);
  },
  forceFlush: async () => {},
  shutdown: async () => {},
};

startTelemetry({ spanProcessors: [modelCalls] });
