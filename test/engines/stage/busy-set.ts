import { startLineSet } from './line-set.ts';

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
  /** Requests for a reply are refused so many times from now on. */
  failReplies(times: number): Promise<void>;
  /**
   * One call whose first reply breaks off: no client asks for that again. Before an attempt that follows a refused one the
   * client waits in the time of people, and at this speed a caller may have spoken by then and ended the turn.
   */
  callInVain(): Promise<void>;
  /** Somebody asks for a record that is not there. */
  askForNothing(): Promise<void>;
  cleanUp(): Promise<void>;
};

/** @param otlpUrl where its telemetry goes */
export async function startBusySet(otlpUrl: string): Promise<BusySet> {
  const set = await startLineSet(otlpUrl, SPEED, { LOG_LEVEL: 'debug' });
  const spoilReplies = (fault: '500' | 'cut-stream', next: number) =>
    set.order('STANDIN_PORT', '/control', { route: 'chat', fault, match: 'reply', next });
  return {
    failReplies: (times) => spoilReplies('500', times),
    async callAll() {
      await Promise.all(CALLS.map((order) => set.order('TWILIO_SIM_PORT', '/calls', { ...order, wait: true })));
    },
    async callInVain() {
      await spoilReplies('cut-stream', 1);
      await set.order('TWILIO_SIM_PORT', '/calls', { script: 'appointment-fr', wait: true });
    },
    async askForNothing() {
      await (await fetch(`${set.address('RECORDS_PORT')}/records/there-is-none`)).arrayBuffer();
    },
    cleanUp: () => set.cleanUp(),
  };
}
