import { z } from 'zod';
import type { Clock } from '../../line/clock.ts';
import type { CallFacts, LookUps } from '../domain/ports.ts';

/** Where the call can be read back. `clock` runs at wall speed: telemetry is not faster on a fast line. */
export type LookUpOptions = {
  readonly viewerUrl: string;
  readonly recordsUrl: string;
  readonly clock: Clock;
  /** How long after the call's end its trace may take to arrive, in milliseconds. */
  readonly deadlineMs?: number;
};

const POLL_MS = 100;
const REQUEST_TIMEOUT_MS = 2000;

const callSchema = z.object({
  state: z.string(),
  traceId: z.string().nullable(),
  outcome: z.string().nullable(),
  turnList: z.array(z.object({ index: z.number(), transcribed: z.string().nullable() })),
});
const recordsSchema = z.object({ records: z.array(z.looseObject({ createdAt: z.string().optional() })) });

/** Reads `GET {viewer}/api/v1/calls/{callSid}` and `GET {records}/records?callSid=`. A service that is not there gives null. */
export function createLookUps(options: LookUpOptions): LookUps {
  const { clock, deadlineMs = 10_000 } = options;
  return {
    async findCall(callSid) {
      let last: CallFacts | null = null;
      const url = `${options.viewerUrl}/api/v1/calls/${callSid}`;
      for (const deadline = clock.now() + deadlineMs; clock.now() < deadline; await clock.delay(POLL_MS)) {
        const answer = await readJson(url);
        if (answer === 'unreachable') return last;
        const call = callSchema.safeParse(answer);
        if (!call.success) continue;
        last = createFacts(call.data);
        if (call.data.state === 'ended') return last;
      }
      return last;
    },
    async findRecord(callSid, isExpected) {
      const url = `${options.recordsUrl}/records?callSid=${encodeURIComponent(callSid)}`;
      const deadline = clock.now() + (isExpected ? deadlineMs : 0);
      do {
        const answer = await readJson(url);
        if (answer === 'unreachable') return null;
        const found = recordsSchema.safeParse(answer);
        const newest = found.success ? findNewest(found.data.records) : undefined;
        if (newest) return newest;
        if (isExpected) await clock.delay(POLL_MS);
      } while (clock.now() < deadline);
      return null;
    },
  };
}

function createFacts(call: z.infer<typeof callSchema>): CallFacts {
  const turns = call.turnList.filter((turn) => turn.index >= 1).toSorted((one, other) => one.index - other.index);
  return { traceId: call.traceId, outcome: call.outcome, turns };
}

function findNewest<T extends { createdAt?: string | undefined }>(records: readonly T[]): T | undefined {
  return records.toSorted((one, other) => (other.createdAt ?? '').localeCompare(one.createdAt ?? ''))[0];
}

/** The body of a 2xx answer, null for another answer, 'unreachable' when there was none. */
async function readJson(url: string): Promise<unknown> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    const body: unknown = await response.json().catch(() => null);
    return response.ok ? body : null;
  } catch {
    return 'unreachable';
  }
}
