import { randomBytes } from 'node:crypto';
import { Attr, ErrorType, Stage } from 'callspan/conventions';
import { loadThresholds } from '../../thresholds/config.ts';
import { type Chain, startChain } from './stage/chain.ts';
import { eventually } from './stage/engine.ts';

/** The rules' five minutes are half of one. */
const TOLD_WITHIN_MS = 25_000;
const OVER = `callspan:limit_over:increase5m{level="critical",limit="${Stage.reply}"}`;
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });

const criticalMs = loadThresholds({ env: {} }).limits.find(({ id }) => id === Stage.reply)?.criticalMs ?? Number.NaN;
let chain: Chain;

beforeAll(async () => {
  chain = await startChain();
}, 60_000);
afterAll(() => chain?.close());

/** One execution a second over the critical limit, ended just now; with an error it is of a series of its own. */
async function replySlowly(error?: string): Promise<void> {
  const nowNs = BigInt(Date.now()) * 1_000_000n;
  const span = {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    name: Stage.reply,
    kind: 1,
    startTimeUnixNano: String(nowNs - BigInt(criticalMs + 1000) * 1_000_000n),
    endTimeUnixNano: String(nowNs),
    attributes: [text(Attr.stage, Stage.reply), ...(error === undefined ? [] : [text(Attr.errorType, error)])],
    status: error === undefined ? {} : { code: 2 },
  };
  const resource = { attributes: [text('service.name', 'bot')] };
  const body = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] });
  const headers = { 'content-type': 'application/json' };
  expect((await fetch(`${chain.otlpUrl}/v1/traces`, { method: 'POST', headers, body })).status).toBe(200);
}

async function over(): Promise<number | undefined> {
  return (await chain.query(OVER))[0]?.value;
}

test('the first execution that anybody ever saw is counted, and so is the first one with an error', async () => {
  await replySlowly();
  await eventually('the first is counted', TOLD_WITHIN_MS, async () => (await over()) === 1);
  await replySlowly(ErrorType.timeout);
  await eventually('the first error is counted', TOLD_WITHIN_MS, async () => (await over()) === 2);
  await eventually('the chat is told', TOLD_WITHIN_MS, () =>
    chain.alarms.messages.some(({ title }) => title.startsWith(`Notice: ${Stage.reply}`)),
  );
}, 120_000);
