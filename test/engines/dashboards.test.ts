import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Attr, SpanName, Stage } from 'callspan/conventions';
import { parse } from 'yaml';
import { Label } from '../../thresholds/generate/rules/promql.ts';
import { expandProvisioned, fillVariables, listQueries, type PlacedQuery, readBoards } from '../helpers/boards.ts';
import { type BusySet, startBusySet } from './stage/busy-set.ts';
import { type Chain, startChain } from './stage/chain.ts';
import { eventually } from './stage/engine.ts';
import { type RunningLoki, startLoki } from './stage/loki.ts';
import { plantMetrics } from './stage/planted-metrics.ts';
import { TIME_FACTOR } from './stage/time-factor.ts';

/** Everything that was sent has been counted, scraped and evaluated by then. */
const SETTLED_WITHIN_MS = 20_000;
/** Metrics are sent and scraped about once in this time. */
const BETWEEN_ROUNDS_MS = 1000;
/** What a board shows: all of this run. */
const RANGE_S = 120;
const STEP_S = 2;
/** Four times what services and engines need between two samples, as Grafana has it; here in seconds. */
const RATE_INTERVAL = '12s';

/** An error, as OTLP has it. */
const STATUS_ERROR = 2;

type Sources = {
  readonly datasources: readonly {
    readonly uid: string;
    readonly jsonData: {
      readonly tracesToLogsV2?: { readonly query: string };
      readonly tracesToMetrics?: { readonly queries: readonly { readonly query: string }[] };
    };
  }[];
};

let folder: string;
let loki: RunningLoki;
let chain: Chain;
let set: BusySet;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-boards-'));
  loki = await startLoki({ folder });
  chain = await startChain(
    async (otlpUrl) => {
      set = await startBusySet(otlpUrl);
    },
    TIME_FACTOR,
    { addresses: { '127.0.0.1:3100': new URL(loki.url).host }, env: { CALLSPAN_LOKI_OTLP_URL: loki.otlpUrl } },
  );
  await callRound();
  await set.failReplies(8);
  await callRound();
  await set.callInVain();
}, 120_000);

/** Calls, and somebody whose request fails. */
async function callRound(): Promise<void> {
  await set.askForNothing();
  await set.callAll();
}

afterAll(async () => {
  await set?.cleanUp();
  await chain?.close();
  await loki?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A query as Grafana would send it at the end of this run. */
function filled({ panel, query }: PlacedQuery): string {
  const call = chain.store.spans.find(({ name }) => name === SpanName.call)?.attributes[Attr.conversationId];
  const service = panel.title.includes('$service') ? 'bot' : '.+';
  const times = { __rate_interval: RATE_INTERVAL, __range: `${RANGE_S}s`, __auto: '10s' };
  return fillVariables(query.expr ?? '', { ...times, service, call: String(call) });
}

type Answer = {
  readonly status: string;
  readonly error?: string;
  readonly data?: {
    readonly result: readonly {
      readonly values?: readonly (readonly [unknown, string])[];
      readonly value?: readonly [unknown, string];
    }[];
  };
};

/** Whether there is a figure or a line in it. @returns why not, or nothing */
function lackOf({ status, error, data }: Answer): string | undefined {
  if (status !== 'success') return error ?? 'refused';
  const points = (data?.result ?? []).flatMap(({ values, value }) => values ?? (value ? [value] : []));
  if (points.length === 0) return 'no data';
  return points.every(([, text]) => text === 'NaN') ? 'no number' : undefined;
}

/** Queries without data and why, asked again until each has some or time is up; `again` is done before every round. */
async function listLacks(
  queries: readonly PlacedQuery[],
  ask: (placed: PlacedQuery) => Promise<Answer>,
  again: (round: number) => Promise<void>,
) {
  let left = queries.map((placed) => ({ placed, lack: 'not asked' }));
  const until = performance.now() + SETTLED_WITHIN_MS;
  for (let round = 1; left.length > 0 && performance.now() < until; round += 1) {
    await again(round);
    const lacks = await Promise.all(
      left.map(async ({ placed }) => ({ placed, lack: lackOf(await ask(placed)) ?? '' })),
    );
    left = lacks.filter(({ lack }) => lack !== '');
    await new Promise((resolve) => setTimeout(resolve, left.length === 0 ? 0 : BETWEEN_ROUNDS_MS));
  }
  return left.map(({ placed, lack }) => `${placed.where}: ${lack}: ${filled(placed)}`);
}

async function askPrometheus(placed: PlacedQuery): Promise<Answer> {
  const now = Date.now() / 1000;
  const query = filled(placed);
  const range = { start: String(now - RANGE_S), end: String(now), step: String(STEP_S) };
  const path = placed.query.instant ? 'query' : 'query_range';
  const parameters = new URLSearchParams({ query, ...(placed.query.instant ? {} : range) });
  return (await chain.prometheus(`/api/v1/${path}?${parameters}`)) as Answer;
}

async function askLoki(placed: PlacedQuery): Promise<Answer> {
  const query = filled(placed);
  const isInstant = placed.query.queryType === 'instant';
  const range = { start: String((Date.now() - RANGE_S * 1000) * 1e6), step: '5', limit: '10' };
  const parameters = new URLSearchParams({ query, ...(isInstant ? {} : range) });
  const text = await loki
    .ask(`/loki/api/v1/${isInstant ? 'query' : 'query_range'}?${parameters}`)
    .catch((error: Error) => JSON.stringify({ status: 'error', error: error.message }));
  return JSON.parse(text) as Answer;
}

test('every PromQL query of every board has data', async () => {
  const queries = listQueries('prometheus');
  expect(queries.length).toBeGreaterThan(120);
  // What no call makes is planted: counters that grow.
  expect(await listLacks(queries, askPrometheus, (round) => plantMetrics(chain.otlpUrl, 10 * round))).toEqual([]);
  expect(lackOf((await chain.prometheus('/api/v1/query?query=nothing_at_all')) as Answer)).toBe('no data');
}, 60_000);

test('every LogQL query of every board has data', async () => {
  const queries = listQueries('loki');
  expect(queries.length).toBeGreaterThan(20);
  expect(await listLacks(queries, askLoki, async () => undefined)).toEqual([]);
}, 60_000);

test('every variable of every board has values to choose from', async () => {
  const queries = readBoards().flatMap(({ uid, templating }) =>
    templating.list.flatMap(({ name, query }) =>
      typeof query === 'object' ? [{ where: `${uid} / ${name}`, ...query }] : [],
    ),
  );
  expect(queries.length).toBeGreaterThan(20);
  for (const { where, query } of queries) {
    const [, selector = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(query) ?? [];
    const found = await chain.query(`count by (${label}) (${fillVariables(selector)})`);
    const values = found.flatMap(({ labels }) => labels[label] ?? []);
    expect([where, values.length > 0]).toEqual([where, true]);
  }
});

test('a span leads to the lines of its trace and to the figures of its step', async () => {
  const findFailed = () =>
    chain.store.spans.find(
      ({ status, attributes }) => status === STATUS_ERROR && attributes[Attr.stage] === Stage.reply,
    );
  await eventually('a failed reply has come', 10_000, () => findFailed() !== undefined);
  const failed = findFailed();
  const { datasources } = parse(readFileSync('dashboards/provisioning/datasources/callspan.yaml', 'utf8')) as Sources;
  const { tracesToLogsV2, tracesToMetrics } = datasources.find(({ uid }) => uid === 'tempo')?.jsonData ?? {};
  const toLogs = expandProvisioned(tracesToLogsV2?.query ?? '')
    .replace(/\$\{__tags\}/, 'service_namespace="callspan"')
    .replace(/\$\{__trace\.traceId\}/, String(failed?.traceId));
  await eventually('its lines are in Loki', 10_000, async () => (await loki.query(toLogs)).length > 5);
  const tags = `${Label.service}="bot",${Label.stage}="${Stage.reply}"`;
  for (const { query } of tracesToMetrics?.queries ?? []) {
    // The window is that of a whole run: times are shorter here.
    const sent = expandProvisioned(query).replace('$__tags', tags).replace('[5m]', `[${RANGE_S}s]`);
    expect((await chain.query(sent)).length).toBeGreaterThan(0);
  }
  expect(tracesToMetrics?.queries).toHaveLength(3);
});
