import { createCallspan, type Measure, replyStage, shutdownTelemetry, toolStage } from 'callspan';

/** Told of every stage that has ended, in a call or outside of one. It runs on the media thread: be quick. */
function tellSlowStages({ stage, name, provider, durationMs, status, callSid }: Measure) {
  if (durationMs < 20 && status === 'success') return;
  console.log(
    `${callSid ?? 'no call'}: ${stage} by ${provider}, ${name}: ${status} after ${Math.round(durationMs)} ms`,
  );
}

const callspan = createCallspan({ measureListeners: [tellSlowStages] });

// A call in small, so that there is something to hear of.
const call = callspan.startCall({ callSid: 'CA-example', streamSid: 'MZ-example', accountSid: 'AC-example' });
const at = { callSid: call.callSid };
await callspan.model(
  { ...replyStage({ provider: 'openai', model: 'gpt-6-luna' }), at },
  () => new Promise((answer) => setTimeout(answer, 40)),
);
await callspan.wrap(toolStage({ name: 'find_customer', provider: 'crm', at }), async () => 'found at once')();
call.end({ reason: 'bot_hangup', outcome: 'saved' });

const [slowest] = callspan.statistics.byStage().toSorted((one, other) => other.maxMs - one.maxMs);
console.log(`slowest: ${slowest?.stage}, ${callspan.statistics.kept} measures kept`);
await shutdownTelemetry();
