import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Attr, SpanName } from 'callspan/conventions';
import { generateSampling } from '../../thresholds/generate/sampling.ts';
import { makeThresholds } from '../helpers/made-thresholds.ts';
import { type RunningCollector, startCollector } from './stage/collector.ts';
import { eventually } from './stage/engine.ts';
import { OWN } from './stage/own-files.ts';
import { type SpanSink, startSpanSink } from './stage/span-sink.ts';

/** Of each kind: one in ten calls is kept for no reason. */
const CALLS = 20;
/** Calls as they come, one in ten of them with a reason to be kept: a breach, or a failure. */
const DAY = 200;
const DAY_SHARE = 0.1;
/** In place of the longest call and five minutes. */
const DECISION_WAIT_MS = 4000;

/** Spans of nobody are not counted. */
const RESOURCE = { attributes: [{ key: Attr.serviceName, value: { stringValue: 'bot' } }] };

type Attributes = Readonly<Record<string, string>>;
type Reason = {
  readonly name?: string;
  readonly ms: number;
  readonly attributes?: Attributes;
  readonly isError?: boolean;
};

const stage = (name: string, more: Attributes = {}) => ({ [Attr.stage]: name, ...more });
const provider = (name: string) => ({ [Attr.providerName]: name });
const KEPT: Readonly<Record<string, Reason>> = {
  'an error': { ms: 10, isError: true },
  'a critical breach that its span says': { ms: 10, attributes: { [Attr.thresholdLevelOnSpan]: 'critical' } },
  'a save over its warning': { ms: 1001, attributes: stage('save') },
  'a wait over its critical limit': { ms: 1401, attributes: stage('response_gap') },
  'a transcription over the limit of its provider': {
    ms: 641,
    attributes: stage('transcription', provider('deepgram')),
  },
  'a transcription over the limit of all others': { ms: 2001, attributes: stage('transcription', provider('openai')) },
  'dead air': { name: SpanName.deadAir, ms: 3001 },
  'a blocked event loop': { name: SpanName.eventLoopBlocked, ms: 501 },
};
const DROPPED: Readonly<Record<string, Reason>> = {
  'nothing wrong': { ms: 900 },
  'a save at exactly its limit': { ms: 1000, attributes: stage('save') },
  'a wait over its target alone': { ms: 1200, attributes: stage('response_gap') },
  'a transcription over the limit of another provider': {
    ms: 700,
    attributes: stage('transcription', provider('openai')),
  },
};

let store: SpanSink;
let viewer: SpanSink;
let collector: RunningCollector;
let folder: string;

/** Spans of a call come in three batches: at its begin, while it is held, and after the decision. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-sampling-'));
  const overlay = join(folder, 'sampling.yaml');
  const text = generateSampling(makeThresholds());
  expect(text).toContain('decision_wait: 2100s');
  writeFileSync(overlay, text.replace('decision_wait: 2100s', `decision_wait: ${DECISION_WAIT_MS}ms`));
  [store, viewer] = await Promise.all([startSpanSink(), startSpanSink()]);
  const sooner = join(folder, 'sooner.yaml');
  writeFileSync(sooner, 'connectors: {span_metrics: {metrics_flush_interval: 1s}}');
  collector = await startCollector({ files: [OWN.collector, overlay, sooner], folder, store, viewer });
  const kinds = Object.entries({ ...KEPT, ...DROPPED });
  const all = [...kinds.flatMap(([kind, reason]) => callsOf(kind).map((traceId) => ({ traceId, reason }))), ...day()];
  await send(all.map(({ traceId }) => toSpan(traceId, 1, { ms: 5 })));
  await send(all.map(({ traceId, reason }) => toSpan(traceId, 2, reason)));
  await eventually('the calls with a reason are released while they go on', 10_000, () =>
    Object.keys(KEPT).every((kind) => callsOf(kind).every((traceId) => spansOf(traceId) === 2)),
  );
  // It decides when its own clock says so, and counts in its metrics what it holds.
  await eventually('the rest is held', 10_000, async () => (await countHeld()) > 0);
  await eventually('the rest is decided', 30_000, async () => (await countHeld()) === 0);
  await send(all.map(({ traceId }) => toSpan(traceId, 3, { ms: 5, isError: true })));
  await eventually('what comes after it passes', 10_000, () =>
    Object.keys(KEPT).every((kind) => callsOf(kind).every((traceId) => spansOf(traceId) === 3)),
  );
}, 90_000);

afterAll(async () => {
  await collector?.stop();
  store?.close();
  viewer?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Trace ids of the calls of one kind, always the same ones. */
function callsOf(kind: string, count: number = CALLS): string[] {
  return Array.from({ length: count }, (_, index) => createHash('md5').update(`${kind} ${index}`).digest('hex'));
}

function day(): { traceId: string; reason: Reason; isKept: boolean }[] {
  const reasons: readonly Reason[] = Object.values(KEPT);
  return callsOf('a day', DAY).map((traceId, index) => {
    const isKept = index % 10 === 0;
    return { traceId, isKept, reason: (isKept ? reasons[(index / 10) % reasons.length] : undefined) ?? { ms: 900 } };
  });
}

function toSpan(traceId: string, batch: number, { name = 'work', ms, attributes = {}, isError }: Reason) {
  const startMs = 1_790_000_000_000;
  return {
    traceId,
    spanId: `${traceId.slice(0, 15)}${batch}`,
    name,
    kind: 1,
    startTimeUnixNano: `${startMs}000000`,
    endTimeUnixNano: `${startMs + ms}000000`,
    attributes: Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } })),
    ...(isError ? { status: { code: 2 } } : {}),
  };
}

async function send(spans: readonly object[]): Promise<void> {
  const response = await fetch(`${collector.otlpUrl}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ resource: RESOURCE, scopeSpans: [{ spans }] }] }),
  });
  expect(response.status).toBe(200);
}

async function countHeld(): Promise<number> {
  const said = await collector.metrics();
  return Number(/^otelcol_processor_tail_sampling_sampling_traces_on_memory\S* (\d+)/m.exec(said)?.[1]);
}

const spansOf = (traceId: string) => store.spans.filter((span) => span.traceId === traceId).length;

test.each(Object.keys(KEPT))('a call with %s is kept whole: what was held, and what comes later', (kind) => {
  expect(callsOf(kind).map(spansOf)).toEqual(callsOf(kind).map(() => 3));
});

test.each(Object.keys(DROPPED))('a call with %s is kept whole or not at all, and most are not', (kind) => {
  const kept = callsOf(kind).map(spansOf);
  expect(kept.filter((count) => count !== 0 && count !== 3)).toEqual([]);
  expect(kept.filter((count) => count === 0).length).toBeGreaterThan(CALLS / 2);
});

test('of a day of 200 calls the 20 with a breach or a failure are kept whole, the others at the set share, none is cut in two', () => {
  const counts = day().map(({ traceId, isKept }) => ({ isKept, count: spansOf(traceId) }));
  const wanted = counts.filter(({ isKept }) => isKept).map(({ count }) => count);
  expect(wanted).toEqual(Array.from({ length: DAY / 10 }, () => 3));
  expect(counts.filter(({ count }) => count !== 0 && count !== 3)).toEqual([]);
  const clean = counts.filter(({ isKept }) => !isKept);
  const share = clean.filter(({ count }) => count === 3).length / clean.length;
  process.stdout.write(`of ${clean.length} clean calls ${(share * 100).toFixed(1)} % are kept\n`);
  // Two standard deviations of a share of 0.1 among 180.
  expect(Math.abs(share - DAY_SHARE)).toBeLessThan(0.045);
});

test('sampling is for the store alone: the viewer has every span, and every span is counted', async () => {
  const all = (Object.keys({ ...KEPT, ...DROPPED }).length * CALLS + DAY) * 3;
  await eventually('the viewer has all', 10_000, () => viewer.spans.length === all);
  await eventually('all are counted', 20_000, () => {
    const last = new Map<string, number>();
    for (const { name, points } of store.metrics) {
      if (name !== 'traces.span.metrics.calls') continue;
      for (const point of points) last.set(JSON.stringify(point.attributes), Number(point.value));
    }
    return [...last.values()].reduce((sum, count) => sum + count, 0) === all;
  });
}, 60_000);
