import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Attr, CONTENT_EVENTS, LogEvent, SpanName, Stage } from 'callspan/conventions';
import type { SpanRecord } from '../../services/viewer/domain/telemetry.ts';
import { type CalledSet, startCalledSet } from './stage/called-set.ts';
import { type Chain, startChain } from './stage/chain.ts';
import { eventually } from './stage/engine.ts';
import { type RunningLoki, startLoki } from './stage/loki.ts';
import { type OtlpTee, startOtlpTee } from './stage/otlp-tee.ts';
import { TIME_FACTOR } from './stage/time-factor.ts';

const IN_LOKI_WITHIN_MS = 5000;

let folder: string;
let loki: RunningLoki;
let chain: Chain;
let set: CalledSet;
let tee: OtlpTee;
let traceId = '';
let inLokiMs = 0;

const sentSpans = () => [...tee.spans.values()].filter((span) => span.traceId === traceId);
const sentLogs = () => [...tee.logs.values()].filter((log) => log.traceId === traceId);
const storedSpans = () => chain.store.spans.filter((span) => span.traceId === traceId);
const linesOf = () => loki.query(`{service_namespace="callspan"} | trace_id="${traceId}"`);

/** One call by the simulated line: bot, records and their telemetry through all engines. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-call-'));
  loki = await startLoki({ folder });
  const more = { env: { CALLSPAN_LOKI_OTLP_URL: loki.otlpUrl } };
  chain = await startChain(
    async (otlpUrl) => {
      tee = await startOtlpTee(otlpUrl);
      set = await startCalledSet(tee.url);
    },
    TIME_FACTOR,
    more,
  );
  set.call(1, 'one-question');
  const find = (eventName: string) => [...tee.logs.values()].find((log) => log.eventName === eventName);
  await eventually('a call goes on', 30_000, () => find(LogEvent.callStarted) !== undefined);
  const resting = set.rest();
  traceId = find(LogEvent.callStarted)?.traceId ?? '';
  await eventually('it has ended', 60_000, () => sentLogs().some((log) => log.eventName === LogEvent.callFinished));
  inLokiMs = await eventually('its end is in Loki', IN_LOKI_WITHIN_MS, async () => {
    return (await linesOf()).some(({ labels }) => labels.event_name === LogEvent.callFinished);
  });
  await resting;
  await eventually('all of it is there', 20_000, async () => {
    return storedSpans().length >= sentSpans().length && (await linesOf()).length >= sentLogs().length;
  });
}, 180_000);

afterAll(async () => {
  await set?.cleanUp();
  tee?.close();
  await chain?.close();
  await loki?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const byId = (spans: readonly SpanRecord[]) => Object.fromEntries(spans.map((span) => [span.spanId, span]));

test('its trace comes out of the Collector whole and unchanged', () => {
  expect(sentSpans().map(({ name }) => name)).toEqual(expect.arrayContaining([SpanName.call, SpanName.responseGap]));
  expect(byId(storedSpans())).toEqual(byId(sentSpans()));
});

test('an exemplar of the span metrics leads to it', async () => {
  const query = encodeURIComponent(
    `traces_span_metrics_duration_milliseconds_bucket{voice_stage="${Stage.responseGap}"}`,
  );
  await eventually('the exemplar is there', 20_000, async () => {
    const now = Date.now() / 1000;
    const path = `/api/v1/query_exemplars?query=${query}&start=${now - 600}&end=${now}`;
    const { data } = (await chain.prometheus(path)) as {
      data: { exemplars: { labels: { trace_id: string } }[] }[];
    };
    return data.some(({ exemplars }) => exemplars.some(({ labels }) => labels.trace_id === traceId));
  });
}, 30_000);

test('its log lines are in Loki by its trace id within 5 s, under three labels', async () => {
  process.stdout.write(`the end of the call was in Loki ${Math.round(inLokiMs)} ms after it was sent\n`);
  const lines = await linesOf();
  expect(lines.map(({ atNs }) => atNs).sort()).toEqual(
    sentLogs()
      .map(({ timeNs }) => String(timeNs))
      .sort(),
  );
  const { data } = JSON.parse(await loki.ask('/loki/api/v1/labels')) as { data: string[] };
  expect(data.toSorted()).toEqual(['deployment_environment_name', 'service_name', 'service_namespace']);
  expect(new Set(lines.map(({ labels }) => labels[Attr.conversationId.replaceAll('.', '_')])).size).toBe(1);
});

test('what was said stays with the services', async () => {
  const said = sentLogs().filter(({ eventName, body }) => CONTENT_EVENTS.includes(eventName) && body !== '<content>');
  expect(said.length).toBeGreaterThan(0);
  const lines = (await linesOf()).filter(({ labels }) => CONTENT_EVENTS.includes(labels.event_name ?? ''));
  expect(lines.map(({ line }) => line)).toEqual(said.map(() => '<content>'));
});
