import { setTimeout as delay } from 'node:timers/promises';
import { createCallspan, shutdownTelemetry, toolStage } from 'callspan';

/** Of one batch; the queue of the exporter is never full. */
const MEASURES = 500;
const WARM_UP_BATCHES = 10;
const BATCHES = 40;
const BREATH_MS = 100;

const callspan = createCallspan({
  carrier: false,
  limits: [{ stage: 'save', warningMs: 1000, criticalMs: 3000 }],
  measureListeners: [() => undefined],
});
const call = callspan.startCall({ callSid: 'CA-bench', streamSid: 'MZ-bench', accountSid: 'AC-bench' });
call.startTurn(0);
const nothing = (value: number) => value;
const measured = callspan.wrap(
  toolStage({ name: 'nothing', provider: 'crm', at: { callSid: 'CA-bench', turnIndex: 0 } }),
  nothing,
);

/** Milliseconds of one execution of `work`. */
function timeOf(work: (value: number) => number): number {
  let sum = 0;
  const startedAtMs = performance.now();
  for (let index = 0; index < MEASURES; index += 1) sum += work(index);
  const tookMs = performance.now() - startedAtMs;
  if (sum !== (MEASURES * (MEASURES - 1)) / 2) throw new Error('the measure changed the result');
  return tookMs / MEASURES;
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

const bare: number[] = [];
const wrapped: number[] = [];
let cpuBefore = process.threadCpuUsage();
for (let batch = 0; batch < WARM_UP_BATCHES + BATCHES; batch += 1) {
  if (batch === WARM_UP_BATCHES) {
    bare.length = 0;
    wrapped.length = 0;
    cpuBefore = process.threadCpuUsage();
  }
  bare.push(timeOf(nothing));
  wrapped.push(timeOf(measured));
  await delay(BREATH_MS);
}
call.end({ reason: 'bot_hangup', outcome: 'no_record' });
await shutdownTelemetry();
const { user, system } = process.threadCpuUsage(cpuBefore);
const baselineMs = medianOf(bare);
const figures = {
  measureMs: medianOf(wrapped) - baselineMs,
  baselineMs,
  withExportMs: (user + system) / 1000 / (BATCHES * MEASURES),
  batches: BATCHES,
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
process.exit(0);
