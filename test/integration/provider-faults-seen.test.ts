// @group crowded: several calls at once in its own process (scripts/test.mjs).
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { Attr, SpanName } from 'callspan/conventions';
import { durationMs } from '../helpers/recorded-spans.ts';
import { startTestBot, type TestBot } from '../helpers/test-bot.ts';
import { startTestCaller } from '../helpers/test-caller.ts';

/** Which requests meet the fault, the stage whose span must tell it, and how long one attempt may take. */
const PLACES = [
  { route: 'transcriptions', match: undefined, stage: 'transcription' },
  { route: 'chat', match: 'reply', stage: 'reply' },
  { route: 'chat', match: 'extraction', stage: 'extraction' },
  { route: 'speech', match: undefined, stage: 'synthesis' },
] as const;
const FAULTS = ['slow', '429', '500', 'cut-stream', 'hang', 'bad-json'] as const;
/** How long a slow provider takes, real milliseconds at the speed of the test. */
const SLOW_MS = 900;
const CLOSED = ['parsing', 'api', 'websocket', 'validation', 'timeout', 'rate_limit', 'model', 'cancelled', 'internal'];

type Place = (typeof PLACES)[number];
type Row = { readonly place: string; readonly fault: string; readonly seenAs: string };

const rows: Row[] = [];
beforeAll(async () => {
  const tables = await Promise.all(PLACES.map(runPlace));
  rows.push(...tables.flat());
}, 240_000);

/** One bot a place, one call a fault after the other: what the spans of the stage say. */
async function runPlace(place: Place): Promise<Row[]> {
  const running = await startTestBot();
  const line = await startTestCaller(running);
  // A phrase that is still to be recorded would take the fault that is meant for the call.
  await running.bot.prepared;
  const found: Row[] = [];
  try {
    for (const fault of FAULTS) {
      const order = {
        route: place.route,
        fault,
        next: 1,
        latencyMs: SLOW_MS * 2,
        ...(place.match ? { match: place.match } : {}),
      };
      await control(running, order);
      const { callSid } = await line.call('one-question');
      await wrappedUp(running);
      found.push({ place: place.stage, fault, seenAs: describe(spansOf(running, callSid), place.stage) });
    }
  } finally {
    await line.close();
    await running.close();
  }
  return found;
}

async function control(running: TestBot, order: object): Promise<void> {
  const response = await fetch(`${running.standinUrl}/control`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(order),
  });
  if (!response.ok) throw new Error(await response.text());
}

async function wrappedUp(running: TestBot): Promise<void> {
  while (running.bot.calls.size > 0) await new Promise((resolve) => setTimeout(resolve, 10));
}

function spansOf(running: TestBot, callSid: string): ReadableSpan[] {
  return running.recorder.spans().filter((span) => span.attributes[Attr.conversationId] === callSid);
}

/**
 * Where the fault shows: on the attempt that met it, on the stage's span, or only in how long the stage took. The
 * attempt is asked first: what came after it, a repetition that a busy machine made late, is not the fault's.
 */
function describe(spans: readonly ReadableSpan[], stage: string): string {
  const stages = spans.filter((span) => span.attributes[Attr.stage] === stage);
  const ids = new Set(stages.map((span) => span.spanContext().spanId));
  const attempts = spans.filter(
    (span) => span.name === SpanName.modelAttempt && ids.has(span.parentSpanContext?.spanId ?? ''),
  );
  const onAttempt = firstErrorOf(attempts);
  if (onAttempt) return `attempt error.type=${onAttempt}`;
  const onStage = firstErrorOf(stages);
  if (onStage) return `error.type=${onStage}`;
  return `longest ${Math.max(0, ...stages.map(durationMs)) >= SLOW_MS / 2 ? 'over' : 'under'} ${SLOW_MS / 2} ms`;
}

function firstErrorOf(candidates: readonly ReadableSpan[]): string | undefined {
  const [first] = candidates
    .filter((span) => typeof span.attributes[Attr.errorType] === 'string')
    .sort((a, b) => a.startTime[0] - b.startTime[0] || a.startTime[1] - b.startTime[1]);
  return first && String(first.attributes[Attr.errorType]);
}

test('each fault of a provider stands on its call where it happened, by a closed kind', () => {
  process.stdout.write(
    `${rows.map(({ place, fault, seenAs }) => `${place.padEnd(14)} ${fault.padEnd(11)} ${seenAs}`).join('\n')}\n`,
  );
  for (const { place, fault, seenAs } of rows) {
    const kind = /error\.type=(\w+)/.exec(seenAs)?.[1];
    const expected = fault === 'slow' ? `longest over ${SLOW_MS / 2} ms` : kind;
    expect([place, fault, CLOSED.includes(kind ?? '') || seenAs === expected]).toEqual([place, fault, true]);
  }
});

test('what the provider did decides the kind', () => {
  const seenAs = (place: string, fault: string) =>
    rows.find((row) => row.place === place && row.fault === fault)?.seenAs;
  for (const { stage } of PLACES) {
    expect([stage, seenAs(stage, '429')]).toEqual([stage, 'attempt error.type=rate_limit']);
    expect([stage, seenAs(stage, '500')]).toEqual([stage, 'attempt error.type=api']);
    expect([stage, seenAs(stage, 'hang')?.replace('attempt ', '')]).toEqual([stage, 'error.type=timeout']);
  }
});
