import { readCallerConfig } from '../../services/caller/config.ts';
import { startCaller } from '../../services/caller/start.ts';
import { ACCOUNT_SID, AUTH_TOKEN, SPEED, type TestBot } from './test-bot.ts';

/** What a simulated call came to, as `POST /calls` answers. */
export type CallOutcome = {
  readonly callSid: string;
  readonly greeting: string;
  readonly end: { readonly by: string; readonly errorCode?: number };
  readonly turns: readonly {
    readonly index: number;
    readonly saidByCaller: string;
    readonly heardFromBot: string;
    readonly trueWaitMs: number | null;
    readonly callerStartSample: number | null;
    readonly callerEndSample: number | null;
    readonly replyStartSample: number | null;
    readonly bargeIn: {
      readonly interruptedIndex: number;
      readonly onsetSample: number;
      readonly clearSample: number | null;
      readonly silentSample: number;
      readonly talkOverMs: number;
    } | null;
  }[];
  readonly faults: readonly { readonly name: string; readonly count: number }[];
  readonly record: Readonly<Record<string, unknown>> | null;
};

/** A simulated line that calls a test bot. */
export type TestCaller = {
  call(script: string, more?: Readonly<Record<string, unknown>>): Promise<CallOutcome>;
  /** Starts a call without waiting for its end. */
  begin(script: string): Promise<string>;
  close(): Promise<void>;
};

export async function startTestCaller(running: TestBot): Promise<TestCaller> {
  const config = readCallerConfig({
    TWILIO_SIM_PORT: '0',
    TWILIO_ACCOUNT_SID: ACCOUNT_SID,
    TWILIO_AUTH_TOKEN: AUTH_TOKEN,
    CALLSPAN_SPEED: SPEED,
    VIEWER_PORT: '1',
    RECORDS_PORT: new URL(running.recordsUrl).port,
  });
  const caller = await startCaller(config);
  const order = { webhook: `${running.bot.url}/voice`, statusCallback: `${running.bot.url}/status` };
  const post = async (body: object) => {
    const response = await fetch(`${caller.url}/calls`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...order, ...body }),
    });
    const answer = (await response.json()) as CallOutcome;
    if (!response.ok) throw new Error(JSON.stringify(answer));
    return answer;
  };
  return {
    call: (script, more = {}) => post({ script, wait: true, ...more }),
    begin: async (script) => (await post({ script })).callSid,
    close: () => caller.close(),
  };
}
