import { isDeepStrictEqual } from 'node:util';
import { Attr, CONTENT_EVENTS, LogEvent, SpanName, Stage } from 'callspan/conventions';
import type { LogRecord, SpanRecord } from '../../services/viewer/domain/telemetry.ts';
import { loadThresholds } from '../../thresholds/config.ts';
import { type CalledSet, startCalledSet } from './stage/called-set.ts';
import { type Chain, startChain } from './stage/chain.ts';
import { eventually } from './stage/engine.ts';
import { logKey, type OtlpTee, spanKey, startOtlpTee } from './stage/otlp-tee.ts';

/** Half of the two minutes for which the stores are away: before the Collector is killed, and after it. */
const HALF_MS = 6000;
const DRAINED_WITHIN_MS = 60_000;
const COUNT = 'traces_span_metrics_duration_milliseconds_count';
const EXECUTIONS = `callspan:limit_executions:increase5m{limit="${Stage.responseGap}"}`;

const limits = loadThresholds({ env: {} }).limits;
let chain: Chain;
let set: CalledSet;
let tee: OtlpTee;

const sumOf = async (promql: string) => (await chain.query(promql))[0]?.value ?? 0;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function missingSpans(): string[] {
  const stored = new Set(chain.store.spans.map(spanKey));
  return [...tee.spans.keys()].filter((key) => !stored.has(key));
}

function missingLogs(): string[] {
  const stored = new Set(chain.store.logs.map(logKey));
  return [...tee.logs.keys()].filter((key) => !stored.has(key));
}

/** Tempo and Loki are away, calls go on, the Collector is killed in the middle, the stores come back. */
beforeAll(async () => {
  chain = await startChain(async (otlpUrl) => {
    tee = await startOtlpTee(otlpUrl);
    set = await startCalledSet(tee.url);
  });
  set.call(2, 'one-question');
  await eventually('spans are counted', 30_000, async () => (await sumOf(`sum(${COUNT})`)) > 100);
  await chain.store.leave();
  await pause(HALF_MS);
  await chain.collector.kill();
  await chain.collector.startAgain();
  await pause(HALF_MS);
  const missed = missingSpans().length;
  await chain.store.comeBack();
  const sent = { spans: [...tee.spans.keys()], logs: [...tee.logs.keys()] };
  const drainedMs = await eventually('what waited is there', DRAINED_WITHIN_MS, () => {
    const missing = new Set([...missingSpans(), ...missingLogs()]);
    return [...sent.spans, ...sent.logs].every((key) => !missing.has(key));
  });
  await set.rest();
  const twice = chain.store.spans.length - new Set(chain.store.spans.map(spanKey)).size;
  process.stdout.write(
    `${missed} spans waited for a store; drained in ${Math.round(drainedMs)} ms; ${twice} of ${chain.store.spans.length} came twice\n`,
  );
  expect(missed).toBeGreaterThan(50);
}, 180_000);

afterAll(async () => {
  await set?.cleanUp();
  tee?.close();
  await chain?.close();
});

test('no span and no log record that a service sent is lost', async () => {
  await eventually('the last ones are there', 30_000, () => missingSpans().length + missingLogs().length === 0);
  expect([tee.spans.size > 200, tee.logs.size > 50]).toEqual([true, true]);
}, 60_000);

test('what waited is what was sent, but for what was said', () => {
  const stored = new Map(chain.store.logs.map((log) => [logKey(log), log]));
  const changed = [...tee.logs].filter(([key, sent]) => {
    if (CONTENT_EVENTS.includes(sent.eventName)) return stored.get(key)?.body !== '<content>';
    const { 'event.name': _, ...attributes } = stored.get(key)?.attributes ?? {};
    return (
      !isDeepStrictEqual({ ...sent.attributes }, attributes) || !isDeepStrictEqual(sent.body, stored.get(key)?.body)
    );
  });
  expect(changed.map(([key, sent]) => [sent.body, sent.attributes, stored.get(key)])).toEqual([]);
  const spans = new Map(chain.store.spans.map((span) => [spanKey(span), span]));
  expect(Object.fromEntries(spans)).toEqual(Object.fromEntries(tee.spans));
});

test("the services' counters catch up: nothing is pending, nothing given up", async () => {
  const spans = (state: string) =>
    sumOf(`sum(callspan_spans{state="${state}"} or callspan_spans_total{state="${state}"})`);
  await eventually('nothing is pending', 30_000, async () => {
    const [stored, delivered, pending] = await Promise.all(['stored', 'delivered', 'pending'].map(spans));
    return stored !== 0 && stored === delivered && pending === 0;
  });
  expect(await spans('dead')).toBe(0);
}, 60_000);

test('the histogram begins anew, which rules take for what it is: nobody is told, and nothing is counted twice', async () => {
  expect(await sumOf(`sum(resets(${COUNT}[120s]))`)).toBeGreaterThan(0);
  const gaps = [...tee.spans.values()].filter(({ attributes }) => attributes[Attr.stage] === Stage.responseGap);
  expect(await sumOf(`max_over_time(sum(${EXECUTIONS})[120s:1s])`)).toBeLessThanOrEqual(gaps.length);
  const fired = await chain.query('last_over_time(ALERTS{alertstate="firing",alertname!="Watchdog"}[120s])');
  expect(fired.map(({ labels }) => labels).filter((labels) => !isOfSlowness(labels))).toEqual([]);
});

/** A machine that does something else may make a bot slow: that is said, as it should be, and its spans and lines say it, too. */
function isOfSlowness({ alertname = '', voice_stage }: Readonly<Record<string, string>>): boolean {
  const spans = [...tee.spans.values()];
  if (alertname === 'CallspanStageStuck') {
    const isSaid = ({ eventName, attributes }: LogRecord) =>
      eventName === LogEvent.stageStuck && attributes[Attr.stage] === voice_stage;
    return [...tee.logs.values()].some(isSaid);
  }
  if (alertname.startsWith('CallspanLimit')) {
    return spans.some((span) => span.attributes[Attr.stage] === voice_stage && isSlow(span));
  }
  const name = { CallspanDeadAir: SpanName.deadAir, CallspanEventLoopBlocked: SpanName.eventLoopBlocked }[alertname];
  if (name !== undefined) return spans.some((span) => span.name === name);
  return (
    ['CallspanMeanResponseGap', 'CallspanHttpSlow', 'CallspanBudgetBurn'].includes(alertname) && spans.some(isSlow)
  );
}

function isSlow({ attributes, startNs, endNs }: SpanRecord): boolean {
  const limit = limits.find(({ stage }) => stage === attributes[Attr.stage]);
  return limit !== undefined && Number(endNs - startNs) / 1_000_000 > limit.warningMs;
}
