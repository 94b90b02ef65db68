import { type RunningSet, startSet } from '../../helpers/running-set.ts';
import { TIME_FACTOR } from './time-factor.ts';

/** How often services send their metrics, milliseconds (otel/src/metrics/config.ts). */
const METRICS_EVERY_MS = 15_000;

/** Calls pass so many times faster: their limits are not looked at. */
const SPEED = 8;

/** What happens to callers in the first round and again in the second: rates need a before and an after. */
const CALLS = [
  { script: 'appointment-fr' },
  { script: 'interrupts-often' },
  { script: 'silent-caller' },
  { script: 'many-turns', faults: 'jitter,loss=5,stall=600/2000,lost-mark' },
] as const;

/** Bot, records, stand-in models and simulated line, on which much goes well and some does not. */
export type BusySet = {
  /** One round of calls, from dialling to hanging up. */
  callAll(): Promise<void>;
  /** Replies of the model fail so many times from now on. */
  failReplies(times: number): Promise<void>;
  /** Somebody asks for a record that is not there. */
  askForNothing(): Promise<void>;
  cleanUp(): Promise<void>;
};

/** @param otlpUrl where its telemetry goes */
export async function startBusySet(otlpUrl: string): Promise<BusySet> {
  const set = await startSet(['--speed', String(SPEED), '--no-call', '--only', 'records,openai,bot,caller'], {
    OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl,
    OTEL_METRIC_EXPORT_INTERVAL: String(METRICS_EVERY_MS / TIME_FACTOR),
    LOG_LEVEL: 'debug',
  });
  await set.said('Callspan is running');
  return {
    async callAll() {
      await Promise.all(CALLS.map((order) => post(set, 'TWILIO_SIM_PORT', '/calls', { ...order, wait: true })));
    },
    async failReplies(times) {
      await post(set, 'STANDIN_PORT', '/control', { route: 'chat', fault: '500', match: 'reply', next: times });
    },
    async askForNothing() {
      await (await fetch(`${set.address('RECORDS_PORT')}/records/there-is-none`)).arrayBuffer();
    },
    cleanUp: () => set.cleanUp(),
  };
}

async function post(set: RunningSet, port: Parameters<RunningSet['address']>[0], path: string, body: object) {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${set.address(port)}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path} answers ${answer.status}: ${await answer.text()}`);
  await answer.arrayBuffer();
}
