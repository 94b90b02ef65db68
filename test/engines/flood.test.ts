import { randomBytes } from 'node:crypto';
import { Attr, Stage } from 'callspan/conventions';
import { loadThresholds } from '../../thresholds/config.ts';
import type { AlarmChannel, Message } from './stage/alarm-sink.ts';
import { type Chain, startChain } from './stage/chain.ts';
import { eventually } from './stage/engine.ts';
import { TIME_FACTOR } from './stage/time-factor.ts';

const BREACHES = 10_000;
const REQUESTS = 100;
/** No calls of people here: time may pass three times as fast as where they are. */
const FLOOD_FACTOR = 3 * TIME_FACTOR;
/** A minute of the rules' time. */
const MINUTE_MS = 60_000 / FLOOD_FACTOR;
/** The last to end is the budget of the wait: it looks at half an hour. */
const ENDED_WITHIN_MS = 90 * MINUTE_MS;
/** A page about something that still goes on (thresholds/generate/routes.ts); PagerDuty makes no second incident of it. */
const REMINDED_AFTER_MS = 30 * MINUTE_MS;
const SERVICE = 'kiosk';

/** What is slow: more than one stage, and one stage with two providers. */
const SLOW = [
  { stage: Stage.responseGap, provider: undefined },
  { stage: Stage.llmFirstToken, provider: 'one' },
  { stage: Stage.transcription, provider: 'one' },
  { stage: Stage.transcription, provider: 'two' },
  { stage: Stage.save, provider: undefined },
] as const;

const { limits } = loadThresholds({ env: {} });
let chain: Chain;
let pages: readonly Message[] = [];

beforeAll(async () => {
  chain = await startChain(undefined, FLOOD_FACTOR);
  for (let request = 0; request < REQUESTS; request += 1) {
    const pause = new Promise((resolve) => setTimeout(resolve, MINUTE_MS / REQUESTS));
    const answer = await fetch(`${chain.otlpUrl}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(makeBreaches(BREACHES / REQUESTS)),
    });
    expect(answer.status).toBe(200);
    await pause;
  }
  await eventually('each page about a limit has its end', ENDED_WITHIN_MS, () => {
    const titles = chain.alarms.messages.filter(({ channel }) => channel === 'email').map(({ title }) => title);
    const ended = titles.filter((title) => title.startsWith('Ended: '));
    return SLOW.every((row) => ended.some((title) => isAbout(title, row))) && ended.some(isAboutBudget);
  });
  pages = chain.alarms.messages.filter(({ title }) => title.includes(SERVICE));
}, 780_000);
afterAll(() => chain?.close());

/** OTLP/JSON: executions of a second over their critical limit, that ended just now. */
function makeBreaches(count: number): object {
  const nowNs = BigInt(Date.now()) * 1_000_000n;
  const spans = Array.from({ length: count }, (_, index) => {
    const { stage, provider } = SLOW[index % SLOW.length] ?? SLOW[0];
    const overMs = (limits.find((limit) => limit.stage === stage)?.criticalMs ?? 0) + 1000;
    const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
    return {
      traceId: randomBytes(16).toString('hex'),
      spanId: randomBytes(8).toString('hex'),
      name: stage,
      kind: 3,
      startTimeUnixNano: String(nowNs - BigInt(overMs) * 1_000_000n),
      endTimeUnixNano: String(nowNs),
      attributes: [text(Attr.stage, stage), ...(provider ? [text(Attr.providerName, provider)] : [])],
    };
  });
  const attributes = [{ key: 'service.name', value: { stringValue: SERVICE } }];
  return { resourceSpans: [{ resource: { attributes }, scopeSpans: [{ scope: { name: 'flood' }, spans }] }] };
}

function isAbout(title: string, { stage, provider }: (typeof SLOW)[number]): boolean {
  return title.includes(provider ? `${stage} of ${provider} in` : `${stage} in`);
}

function isAboutBudget(title: string): boolean {
  return title.includes(SERVICE) && title.includes('are to be within it');
}

/**
 * How many messages of each kind came to a channel; figures differ from one message to the next, what they are about does
 * not. A reminder of what still goes on is none of them: it comes after the time that the routes name, and not before.
 */
function countTold(channel: AlarmChannel): Readonly<Record<string, number>> {
  const ours = pages.filter((message) => message.channel === channel);
  const byTitle = Map.groupBy(ours, ({ title }) => title.replace(/[\d.]+/g, '#'));
  return Object.fromEntries(
    [...byTitle].map(([title, all]) => {
      const reminders = all.filter(({ atMs }, at) => at > 0 && atMs - (all[at - 1]?.atMs ?? 0) >= REMINDED_AFTER_MS);
      return [title, all.length - reminders.length];
    }),
  );
}

test('10,000 breaches in a minute are counted, each one', async () => {
  const [sample] = await chain.query(`sum(traces_span_metrics_calls_total{service_name="${SERVICE}"})`);
  expect(sample?.value).toBe(BREACHES);
});

test('each alert is told once to each receiver, and its end once', () => {
  const told = (['pagerduty', 'slack', 'email'] as const).map((channel) => [channel, countTold(channel)] as const);
  process.stdout.write(`${told.map(([channel, counts]) => `${channel}: ${JSON.stringify(counts)}`).join('\n')}\n`);
  const twice = told.flatMap(([channel, counts]) =>
    Object.entries(counts).flatMap(([title, count]) => (count === 1 ? [] : [`${channel}: ${title}: ${count}`])),
  );
  expect(twice).toEqual([]);
  for (const row of SLOW) {
    const paged = pages.filter(
      ({ channel, title }) => channel === 'pagerduty' && isAbout(title, row) && /slow/.test(title),
    );
    expect(paged.map(({ title }) => title.split(':')[0])).toEqual(['Critical', 'Ended']);
  }
});
