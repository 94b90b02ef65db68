import { startLineSet } from './line-set.ts';

/** Calls pass so many times faster: their limits are not looked at. */
const SPEED = 8;

/** So often a bot asks for a reply that it does not get. */
const ATTEMPTS = 2;

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
  /** One call, alone: of several at once each may get, in the end, what it asks for again. */
  callInVain(): Promise<void>;
  /** Somebody asks for a record that is not there. */
  askForNothing(): Promise<void>;
  cleanUp(): Promise<void>;
};

/** @param otlpUrl where its telemetry goes */
export async function startBusySet(otlpUrl: string): Promise<BusySet> {
  const set = await startLineSet(otlpUrl, SPEED, { LOG_LEVEL: 'debug' });
  const failReplies = async (times: number) => {
    await set.order('STANDIN_PORT', '/control', { route: 'chat', fault: '500', match: 'reply', next: times });
  };
  return {
    failReplies,
    async callAll() {
      await Promise.all(CALLS.map((order) => set.order('TWILIO_SIM_PORT', '/calls', { ...order, wait: true })));
    },
    async callInVain() {
      await failReplies(ATTEMPTS);
      await set.order('TWILIO_SIM_PORT', '/calls', { script: 'appointment-fr', wait: true });
    },
    async askForNothing() {
      await (await fetch(`${set.address('RECORDS_PORT')}/records/there-is-none`)).arrayBuffer();
    },
    cleanUp: () => set.cleanUp(),
  };
}
