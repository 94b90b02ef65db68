// In every bot of the bench, whatever its mode: answers what the process has used so far.
const { monitorEventLoopDelay, PerformanceObserver } = require('node:perf_hooks');
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
let gcMs = 0;
const collections = new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) gcMs += duration;
});
collections.observe({ entryTypes: ['gc'] });

// The SDK as a bot has it that turns it off: loaded, not started.
if (process.env.BENCH_LOAD_SDK === 'true') {
  const packages = [
    'sdk-node',
    'core',
    'resources',
    'sdk-trace',
    'sdk-logs',
    'sdk-metrics',
    'exporter-trace-otlp-http',
  ];
  packages.push('exporter-logs-otlp-http', 'exporter-metrics-otlp-http');
  packages.push('instrumentation-http', 'instrumentation-express', 'instrumentation-undici', 'instrumentation-pg');
  for (const name of packages) require(`@opentelemetry/${name}`);
}

process.on('message', (question) => {
  if (question === 'begin') {
    delay.reset();
    collections.takeRecords();
    gcMs = 0;
    process.send({ type: 'begun', cpu: process.cpuUsage() });
  } else if (question === 'end') {
    // All threads of the process; read before the collection that only the memory figure needs.
    const cpu = process.cpuUsage();
    const collectedMs = gcMs;
    const eventLoopDelayP99Ms = delay.percentile(99) / 1e6;
    gc();
    gc();
    const { rss, heapUsed } = process.memoryUsage();
    process.send({ type: 'ended', cpu, gcMs: collectedMs, eventLoopDelayP99Ms, rss, heapUsed });
  }
});
