import { existsSync } from 'node:fs';
import { createCallPlacer, demoScript, describeCall } from './set/calls.ts';
import { planSet, type SetPlan } from './set/environment.ts';
import { HELP, parseOptions, type SetOptions } from './set/options.ts';
import { type RunningSet, runSet } from './set/run-set.ts';
import { watchServices } from './set/watch.ts';

/** `npm start`: everything on one machine, each service in a process of its own. */
async function main(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const options = parseOptions(process.argv.slice(2), process.env);
  if (options.help) {
    console.log(HELP);
    return;
  }
  const plan = planSet(options, process.env);
  const stopping = Promise.withResolvers<'stopped'>();
  const stop = () => stopping.resolve('stopped');
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const set = await runSet(plan, stopping.promise);
  if (!set) return;
  printAddresses(plan, options);
  const stopWatching = options.watch ? watchServices(plan.services, restarter(set)) : () => undefined;
  const stopPlacing = placeCalls(plan, options, stopping.promise);
  const end = await Promise.race([stopping.promise, set.failure]);
  stopPlacing();
  stopWatching();
  await set.stop();
  if (end !== 'stopped') throw new Error(`${end}\nEverything else was stopped.`);
}

function restarter(set: RunningSet) {
  return (name: Parameters<RunningSet['restart']>[0]) => {
    console.log(`  ${name} changed: restarting it`);
    const tell = (lastWords: string) => console.error(`  ${lastWords}\n  waiting for the next change`);
    set.restart(name, tell).catch(() => undefined);
  };
}

function printAddresses(plan: SetPlan, options: SetOptions): void {
  const { address, services } = plan;
  console.log('Callspan is running. Ctrl-C stops it.');
  if (services.includes('viewer')) console.log(`  page      ${address('viewer')}`);
  if (services.includes('bot')) console.log(`  webhook   ${address('bot')}/voice`);
  if (services.includes('openai'))
    console.log(`  models    ${address('openai')}/v1 (OPENAI_BASE_URL for a bot of your own)`);
  if (services.includes('viewer') && !process.env.OTEL_EXPORTER_OTLP_ENDPOINT)
    console.log(`  telemetry ${address('viewerOtlp')} (OTEL_EXPORTER_OTLP_ENDPOINT for it)`);
  if (!options.quiet) console.log(`  data      ${plan.dataDir} (logs of each service in logs/)`);
  const elsewhere = process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (elsewhere) console.log(`  telemetry goes to ${elsewhere}, as OTEL_EXPORTER_OTLP_ENDPOINT says`);
}

/** Places the first call, tells what came of it, and goes on as asked. */
function placeCalls(plan: SetPlan, options: SetOptions, stopping: Promise<unknown>): () => void {
  if (plan.realLine || !plan.services.includes('caller')) return () => undefined;
  const placer = createCallPlacer(plan.address('caller'));
  let isStopping = false;
  void stopping.then(() => {
    isStopping = true;
  });
  const say = (line: string) => {
    if (!isStopping && !options.quiet) console.log(line);
  };
  if (options.call) {
    placeFirstCall(plan, placer, say).catch((error: Error) => {
      if (!isStopping) console.error(`  the call failed: ${error.message}`);
    });
  }
  return options.callsPerMinute > 0 ? placer.keepPlacing(options.callsPerMinute) : () => undefined;
}

type Placer = ReturnType<typeof createCallPlacer>;

async function placeFirstCall(plan: SetPlan, placer: Placer, say: (line: string) => void): Promise<void> {
  const script = demoScript();
  const { callSid, finished } = await placer.place(script);
  say(
    `  calling   ${script}${plan.ownTelemetry ? `, live at ${plan.address('viewer')}/calls/${callSid}` : ` (${callSid})`}`,
  );
  const call = await finished;
  say(`  the call  ${describeCall(call)}`);
  // Where the telemetry goes elsewhere, the saved record still knows its trace.
  say(`  trace     ${call.traceId ?? call.record?.traceId ?? 'none'}`);
  say('  another   npm run call -- --script appointment-en');
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    console.error(error.message);
    process.exit(1);
  },
);
