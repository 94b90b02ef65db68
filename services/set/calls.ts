import { get } from 'node:http';
import { json } from 'node:stream/consumers';

/** The part of a call's result that the set prints. */
type PlacedCall = {
  readonly callSid: string;
  readonly traceId: string | null;
  readonly outcome: string | null;
  readonly durationMs: number;
  readonly record: { readonly traceId: string | null } | null;
  readonly turns: readonly { readonly saidByCaller: string; readonly trueWaitMs: number | null }[];
};

const DEMO_SCRIPTS = ['appointment-fr', 'appointment-en', 'interrupts'];

/** Places calls through the simulated line. */
export type CallPlacer = {
  /** Starts a call; `finished` resolves with its result. @throws Error when the line refuses it */
  place(script: string): Promise<{ readonly callSid: string; readonly finished: Promise<PlacedCall> }>;
  /** Goes on placing `perMinute` calls a minute until stopped. */
  keepPlacing(perMinute: number): () => void;
};

/** @param line address of the simulated line */
export function createCallPlacer(line: string): CallPlacer {
  const post = async (body: object) => {
    const response = await fetch(`${line}/calls`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    if (!response.ok) throw new Error(`the simulated line refused the call: ${JSON.stringify(answer)}`);
    return answer;
  };
  const place: CallPlacer['place'] = async (script) => {
    const { callSid } = (await post({ script })) as { callSid: string };
    return { callSid, finished: waitForResult(line, callSid) };
  };
  return {
    place,
    keepPlacing(perMinute) {
      let next = 0;
      const timer = setInterval(() => {
        const script = DEMO_SCRIPTS[next % DEMO_SCRIPTS.length] ?? 'appointment-en';
        next += 1;
        void post({ script }).catch(() => undefined);
      }, 60_000 / perMinute);
      return () => clearInterval(timer);
    },
  };
}

// Not by fetch, which waits five minutes for an answer: on a slow line a call takes longer.
function waitForResult(line: string, callSid: string): Promise<PlacedCall> {
  return new Promise((resolve, reject) => {
    const request = get(`${line}/calls/${callSid}?wait=true`, (response) => {
      json(response).then((result) => resolve(result as PlacedCall), reject);
    });
    request.on('error', reject);
  });
}

/** The script of the first call: French where the person's locale is French. */
export function demoScript(locale = Intl.DateTimeFormat().resolvedOptions().locale): string {
  return locale.startsWith('fr') ? 'appointment-fr' : 'appointment-en';
}

/** One line about a finished call. */
export function describeCall(call: PlacedCall): string {
  const waits = call.turns.map((turn) => turn.trueWaitMs).filter((wait) => wait !== null);
  const worst = waits.length > 0 ? `, longest wait ${(Math.max(...waits) / 1000).toFixed(2)} s` : '';
  const outcome = call.outcome ?? (call.record ? 'record saved' : 'ended');
  const turns = `${call.turns.length} ${call.turns.length === 1 ? 'turn' : 'turns'}`;
  return `${outcome} after ${(call.durationMs / 1000).toFixed(1)} s, ${turns}${worst}`;
}
