import { Attr, SpanEvent, SpanName } from 'callspan/conventions';
import { type ReadSpan, readTrace } from '../../bench/trace-reader.ts';
import { FAULT_NAMES } from '../../services/caller/domain/faults/catalogue.ts';
import { type RunningSet, startSet } from '../helpers/running-set.ts';

/** Frames: a tenth of a second. */
const MOST_UNDER_WAY = 5;

type FaultName = (typeof FAULT_NAMES)[number];
type Outcome = {
  readonly traceId: string;
  readonly faults: readonly Readonly<Record<string, number>>[];
};
type Seen = { readonly outcome: Outcome; readonly span: ReadSpan };

/** The drift of a clock shows in half a minute, everything else in a short call. */
const SCRIPTS: Partial<Record<FaultName, string>> = { drift: 'many-turns' };

let set: RunningSet;
const seen = new Map<string, Seen>();
beforeAll(async () => {
  // Delays are real ones only on a line of real time, between processes of their own.
  set = await startSet(['--speed', '1', '--no-call']);
  await set.said('Callspan is running');
  await place('warm-up', undefined, 'hang-up-early');
  await Promise.all([
    place('clean', undefined, 'appointment-en'),
    ...FAULT_NAMES.map((name) => place(name, name, SCRIPTS[name] ?? 'appointment-en')),
  ]);
}, 180_000);
afterAll(() => set.cleanUp());

async function place(name: string, faults: string | undefined, script: string): Promise<void> {
  const response = await fetch(`${set.address('TWILIO_SIM_PORT')}/calls`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ script, wait: true, ...(faults ? { faults, seed: 7 } : {}) }),
  });
  const outcome = (await response.json()) as Outcome;
  seen.set(name, { outcome, span: await findCall(outcome.traceId) });
}

/** The call's span, once the bot has wrapped up and the viewer has it. */
async function findCall(traceId: string): Promise<ReadSpan> {
  for (;;) {
    const spans = await readTrace(set.address('VIEWER_PORT'), traceId);
    const call = spans.find((span) => span.name === SpanName.call && Attr.callOutcome in span.attributes);
    if (call) return call;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const figure = (fault: string, key: string) => Number(seen.get(fault)?.span.attributes[key] ?? 0);
const told = (fault: string) => seen.get(fault)?.outcome.faults[0] as Readonly<Record<string, number>> | undefined;

/** What the call's span says of each fault, and what it would say of a clean line. */
const FIGURES: readonly (readonly [FaultName, string])[] = [
  ['jitter', Attr.mediaJitterP95Ms],
  ['loss', Attr.mediaLostMs],
  ['stall', Attr.mediaStalledMs],
  ['reorder', Attr.mediaReordered],
  ['duplicate', Attr.mediaDuplicated],
  ['drift', Attr.mediaDriftPpm],
  ['late-mark', Attr.markAckDelayMaxMs],
  ['lost-mark', Attr.marksMissed],
];

test('each fault of the line stands on its call as a figure of its own', () => {
  const rows = FIGURES.map(([fault, key]) => ({ fault, key, value: figure(fault, key), clean: figure('clean', key) }));
  process.stdout.write(
    `${rows.map(({ fault, key, value, clean }) => `${fault.padEnd(12)} ${key.padEnd(36)} ${value} (clean line: ${clean})`).join('\n')}\n`,
  );
  for (const { fault, value, clean } of rows) expect([fault, value > clean]).toEqual([fault, true]);
});

test.each([
  [
    'loss',
    Attr.mediaLostMs,
    ({ lostMs = 0, trailing = 0 }) => lostMs - 20 * trailing,
    ({ frames = 0, count = 0 }) => frames - count,
  ],
  ['reorder', Attr.mediaReordered, ({ count = 0 }) => count, ({ frames = 0 }) => frames],
  ['duplicate', Attr.mediaDuplicated, ({ count = 0 }) => count, ({ frames = 0, count = 0 }) => frames + count],
] as const)('%s is counted as the line counts it', (fault, key, counted, sent) => {
  const line = told(fault) ?? {};
  // Under way when the bot hung up: the line has counted them, and nobody has seen them.
  const unseen = sent(line) - figure(fault, Attr.framesIn);
  expect(unseen).toBeGreaterThanOrEqual(0);
  expect(unseen).toBeLessThanOrEqual(MOST_UNDER_WAY);
  const missed = counted(line) - figure(fault, key);
  expect(missed).toBeGreaterThanOrEqual(0);
  expect(missed).toBeLessThanOrEqual(key === Attr.mediaLostMs ? 20 * unseen : unseen);
});

test('a line that is held up leaves an event on the call', () => {
  expect(seen.get('stall')?.span.events).toContain(SpanEvent.mediaStalled);
});

test.each([
  ['half-open', 'watchdog'],
  ['abnormal-close', 'stream_error'],
  ['no-stop', 'stream_error'],
])('a line that ends by %s ends the call as %s', (fault, reason) => {
  expect(seen.get(fault)?.span.attributes[Attr.callEndReason]).toBe(reason);
});

test('a socket that broke is told from one that was closed by its close code', () => {
  expect(figure('abnormal-close', Attr.closeCode)).toBe(1006);
  expect([1000, 1005]).toContain(figure('no-stop', Attr.closeCode));
});
