import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { findCall, type SeenCall, type SeenSpan, startTestReceiver, type TestReceiver } from 'callspan/testing';
import { startTestCaller } from '../helpers/caller.ts';
import { openHarness } from '../helpers/openai-standin.ts';
import { killUntouched, spawnUntouched, stopUntouched } from '../helpers/untouched-bot.ts';

const APPS = 'test/fixtures/apps';
const STRANGERS_TRACE = '0af7651916cd43dd8448eb211c80319c';

let models: Awaited<ReturnType<typeof openHarness>>['standin'];
let caller: Awaited<ReturnType<typeof startTestCaller>>;
let receiver: TestReceiver;
/** Another API that the bot asks; what came is counted by its trace. */
let crm: Server;
const crmTraces: string[] = [];

beforeAll(async () => {
  ({ standin: models } = await openHarness());
  caller = await startTestCaller({ speed: 1 });
  crm = createServer((request, response) => {
    crmTraces.push(String(request.headers.traceparent).split('-')[1] ?? '');
    response.end('{}');
  }).listen(0, '127.0.0.1');
});
afterAll(async () => {
  await caller.close();
  await models.close();
  crm.closeAllConnections();
  crm.close();
});
beforeEach(async () => {
  receiver = await startTestReceiver();
});
afterEach(() => {
  killUntouched();
  return receiver.close();
});

const startBot = (file: string, more: { isWatched?: boolean; before?: string; env?: Record<string, string> } = {}) =>
  spawnUntouched({
    file,
    ...more,
    env: {
      OPENAI_BASE_URL: `${models.url}/v1`,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      CRM_URL: `http://127.0.0.1:${(crm.address() as AddressInfo).port}`,
      ...more.env,
    },
  });

type Outcome = { readonly callSid: string; readonly turns: readonly { readonly trueWaitMs: number }[] };

const place = async (webhook: string, statusCallback?: string): Promise<Outcome> =>
  (await caller.call({ script: 'one-question', webhook, ...(statusCallback ? { statusCallback } : {}) })) as Outcome;

const isCallSeen =
  (...callSids: string[]) =>
  () =>
    callSids.every((callSid) =>
      receiver
        .spans()
        .some(({ name, attributes }) => name === 'voice.call' && attributes['twilio.call.sid'] === callSid),
    );

const kindsOf = (spans: readonly SeenSpan[]) => [...new Set(spans.map(({ name }) => name.split(' ', 1)[0] ?? ''))];

function expectOneTrace({ traceIds, spans }: SeenCall, root: string): void {
  expect(traceIds).toHaveLength(1);
  const all = receiver.spans().filter(({ traceId }) => traceId === traceIds[0]);
  const ids = new Set(all.map(({ spanId }) => spanId));
  expect(all.filter(({ parentSpanId }) => !parentSpanId).map(({ name }) => name)).toEqual([root]);
  expect(all.filter(({ parentSpanId }) => parentSpanId && !ids.has(parentSpanId))).toEqual([]);
  expect(spans.length).toBeGreaterThan(0);
}

const KINDS = [
  'voice.call',
  'voice.setup',
  'voice.turn',
  'user_speech',
  'voice.response_gap',
  'voice.endpointing',
  'voice.llm_first_token',
  'voice.playout',
  'speech_to_text',
  'chat',
  'text_to_speech',
];

test('two calls at once to an untouched CommonJS bot are two whole traces, with its other requests, callbacks and log lines', async () => {
  const bot = startBot(`${APPS}/untouched-express.cjs`);
  const url = await bot.url();
  const outcomes = await Promise.all([place(`${url}/voice`, `${url}/status`), place(`${url}/voice`, `${url}/status`)]);
  await receiver.waitFor('both calls', isCallSeen(...outcomes.map(({ callSid }) => callSid)));
  await receiver.waitFor(
    'the last status callbacks',
    () => bot.output.stdout.match(/status completed/g)?.length === 2 && statusSpans().length >= 2,
  );
  const calls = outcomes.map(({ callSid }) => findCall(receiver, callSid));
  for (const [index, call] of calls.entries()) {
    expectOneTrace(call, 'POST /voice');
    expect(kindsOf(call.spans)).toEqual(expect.arrayContaining(['POST', ...KINDS]));
    const [{ durationMs, source } = { durationMs: 0, source: '' }] = call.waits;
    expect(source).toBe('media_clock');
    expect(Math.abs(durationMs - (outcomes[index]?.turns[0]?.trueWaitMs ?? 0))).toBeLessThanOrEqual(40);
  }
  const traceIds = calls.flatMap((call) => call.traceIds);
  expect(new Set(traceIds).size).toBe(2);
  expect(new Set(crmTraces)).toEqual(new Set(traceIds));
  for (const line of ['console', 'pino', 'winston']) {
    const records = receiver.logs().filter(({ body }) => body === `a line by ${line}`);
    expect(new Set(records.map(({ traceId }) => traceId))).toEqual(new Set(traceIds));
    expect(records).toHaveLength(2);
  }
  // Loggers that write JSON have the ids in the lines themselves; what console writes stays as it is.
  const id = `"trace_id":"(${traceIds.join('|')})"`;
  for (const line of ['pino', 'winston'])
    expect(bot.output.stdout).toMatch(new RegExp(`${id}.*a line by ${line}|a line by ${line}.*${id}`));
  expect(bot.output.stdout).toMatch(/^a line by console$/m);
  expect(await stopUntouched(bot)).toEqual({ code: null, signal: 'SIGTERM' });
});

const statusSpans = () => receiver.spans().filter(({ name }) => name === 'POST /status');

test('an untouched Fastify bot is one trace, ends as it decides itself, and is told what could not be seen', async () => {
  const bot = startBot(`${APPS}/untouched-fastify.mjs`);
  const { callSid } = await place(`${await bot.url()}/incoming-call`);
  await receiver.waitFor('the call', isCallSeen(callSid));
  const call = findCall(receiver, callSid);
  expectOneTrace(call, 'POST /incoming-call');
  expect(kindsOf(call.spans)).toEqual(expect.arrayContaining(KINDS));
  // Six blocks of the event loop a minute may be among them on a busy machine.
  expect(receiver.spans().length).toBeLessThan(46);
  expect(bot.output.stderr).toContain('callspan: watching ');
  expect(bot.output.stderr).toContain('callspan: turns are inferred');
  expect(bot.output.stderr).not.toContain('could not watch');
  expect(await stopUntouched(bot)).toEqual({ code: 3, signal: null });
  expect(bot.output.stdout).toContain('closed by itself');
});

test('an untouched bridge to a Realtime API is one trace, its turns committed by the provider’s ear', async () => {
  const bot = startBot(`${APPS}/untouched-realtime.mjs`);
  const { callSid, turns } = await place(`${await bot.url()}/voice`);
  await receiver.waitFor('the call', isCallSeen(callSid));
  const call = findCall(receiver, callSid);
  expectOneTrace(call, 'POST /voice');
  expect(kindsOf(call.spans)).toEqual(expect.arrayContaining(KINDS.filter((kind) => kind !== 'text_to_speech')));
  const gap = call.spans.find(({ name }) => name === 'voice.response_gap');
  expect(gap?.attributes['voice.eos.source']).toBe('provider_vad');
  expect(Math.abs((gap?.durationMs ?? 0) - (turns[0]?.trueWaitMs ?? 0))).toBeLessThanOrEqual(40);
  await stopUntouched(bot);
});

test('a caller who keeps interrupting an untouched bot makes interrupted turns, each with its true wait', async () => {
  const speed = 3;
  const fastCaller = await startTestCaller({ speed });
  const bot = startBot(`${APPS}/untouched-express.cjs`, { env: { CALLSPAN_SPEED: String(speed) } });
  const webhook = `${await bot.url()}/voice`;
  const { callSid, turns } = (await fastCaller.call({ script: 'interrupts-often', webhook })) as Outcome;
  await receiver.waitFor('the call', isCallSeen(callSid));
  await fastCaller.close();
  const call = findCall(receiver, callSid);
  expectOneTrace(call, 'POST /voice');
  const indexOf = ({ attributes }: SeenSpan) => attributes['voice.turn.index'];
  const named = (name: string) => call.spans.filter((span) => span.name === name);
  expect(named('voice.turn').map(indexOf)).toEqual([0, ...turns.map((_, index) => index + 1)]);
  // The script lets the bot go on for half a second in the first five, and nearly to its end in later ones.
  const early = named('voice.turn').slice(0, 5);
  expect(early.map(({ attributes }) => attributes['voice.turn.end_reason'])).toEqual(early.map(() => 'interrupted'));
  expect(named('voice.barge_in').map(indexOf)).toEqual(expect.arrayContaining([0, 1, 2, 3, 4]));
  for (const { turnIndex = 0, durationMs } of call.waits) {
    const { trueWaitMs } = turns[turnIndex - 1] ?? { trueWaitMs: Number.NaN };
    expect(Math.abs(durationMs * speed - trueWaitMs)).toBeLessThanOrEqual(90);
  }
  expect(call.waits.length).toBeGreaterThanOrEqual(5);
  await stopUntouched(bot);
}, 60_000);

test('what a bot sends and prints is the same with and without the register, apart from marks', async () => {
  const [watched, bare] = await Promise.all([hearGreeting(true), hearGreeting(false)]);
  expect(watched.audio.length).toBeGreaterThan(8000);
  expect(watched.audio.equals(bare.audio)).toBe(true);
  expect(watched.others).toEqual(bare.others);
  expect(watched.printed).toEqual(bare.printed);
  expect([watched.kitMarks > 0, bare.kitMarks]).toEqual([true, 0]);
});

test('a bot that is told to end in the middle of a call, and does not handle it, delivers the call and ends by the signal', async () => {
  const bot = startBot(`${APPS}/untouched-express.cjs`);
  const line = await openLine(await bot.url());
  await line.isGreeted;
  expect(await stopUntouched(bot)).toEqual({ code: null, signal: 'SIGTERM' });
  await receiver.waitFor('the call', () => receiver.spans().some(({ name }) => name === 'voice.call'));
  const call = receiver.spans().find(({ name }) => name === 'voice.call');
  expect(call?.attributes).toMatchObject({
    'voice.call.end_reason': 'shutdown',
    'voice.call.outcome': 'interrupted',
  });
  expect(bot.output.stderr).toContain('no webhook was seen for this call');
});

/** A line whose call has begun, and what the bot sends on it. */
async function openLine(url: string) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/media`);
  const heard = { audio: [] as Buffer[], others: [] as unknown[], kitMarks: 0 };
  const { promise: isGreeted, resolve } = Promise.withResolvers<void>();
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(String(data)) as { event: string; media?: { payload: string }; mark?: { name: string } };
    if (message.media) heard.audio.push(Buffer.from(message.media.payload, 'base64'));
    else if (message.mark?.name.startsWith('callspan:')) heard.kitMarks += 1;
    else heard.others.push(message);
    if (message.mark?.name === 'turn-0') resolve();
  };
  socket.onopen = () => {
    socket.send(JSON.stringify({ event: 'connected', protocol: 'Call', version: '1.0.0' }));
    const start = { streamSid: 'MZ1', callSid: `CA${'ef'.repeat(16)}`, accountSid: 'AC1', tracks: ['inbound'] };
    socket.send(JSON.stringify({ event: 'start', sequenceNumber: '1', streamSid: 'MZ1', start }));
  };
  return { socket, heard, isGreeted };
}

/** What the bot sends to a line until its greeting is over, and what it prints. */
async function hearGreeting(isWatched: boolean) {
  const bot = startBot(`${APPS}/untouched-fastify.mjs`, { isWatched });
  const { socket, heard, isGreeted } = await openLine(await bot.url());
  await isGreeted;
  socket.close();
  await stopUntouched(bot);
  const printed = bot.output.stdout.replace(/:\d+/, '');
  return { ...heard, audio: Buffer.concat(heard.audio), printed };
}

test('a webhook never takes the trace of whoever sends it, another request does', async () => {
  const bot = startBot(`${APPS}/untouched-express.cjs`);
  const url = await bot.url();
  const traceparent = `00-${STRANGERS_TRACE}-b7ad6b7169203331-01`;
  const form = new URLSearchParams({ CallSid: `CA${'ab'.repeat(16)}`, From: '+33199001234' });
  await fetch(`${url}/voice`, { method: 'POST', body: form, headers: { traceparent } });
  await fetch(`${url}/health-of-something`, { headers: { traceparent } });
  await receiver.waitFor('both requests', () => receiver.spans().filter(({ kind }) => kind === 'server').length === 2);
  const servers = receiver.spans().filter(({ kind }) => kind === 'server');
  expect(servers.map(({ traceId }) => traceId === STRANGERS_TRACE)).toEqual([false, true]);
  await stopUntouched(bot);
});

test('a bot that cannot be watched works as before and says what was not seen', async () => {
  const bot = startBot(`${APPS}/untouched-own-socket.mjs`);
  const url = await bot.url();
  const callSid = `CA${'cd'.repeat(16)}`;
  const answer = await fetch(`${url}/voice`, { method: 'POST', body: new URLSearchParams({ CallSid: callSid }) });
  expect(answer.headers.get('x-form')).toBe(callSid);
  const socket = new WebSocket(`${url.replace('http', 'ws')}/media`);
  socket.onopen = () => socket.send('{}');
  await bot.said(/heard something/);
  const end = await stopUntouched(bot);
  expect(end).toEqual({ code: null, signal: 'SIGTERM' });
  expect(bot.output.stderr).toMatch(/no media stream of it was seen.*none was loaded/);
});

test('without the optional peer the call is traced all the same, and how to add the rest is said', async () => {
  const bot = startBot(`${APPS}/untouched-fastify.mjs`, { before: `./${APPS}/without-peer.cjs` });
  const { socket, isGreeted } = await openLine(await bot.url());
  await isGreeted;
  socket.close();
  await receiver.waitFor('the call', () => receiver.spans().some(({ name }) => name === 'voice.call'));
  expect(kindsOf(receiver.spans())).toContain('text_to_speech');
  const [first, second] = bot.output.stderr.split('\n');
  expect(first).toMatch(/^callspan: watching .*, pg, console and winston$/);
  expect(second).toBe(
    'callspan: pino, queues and databases other than pg are not watched; to add them: npm i @opentelemetry/auto-instrumentations-node@0.82.0, with the overrides that the README of callspan gives for it ("One copy of the SDK")',
  );
  await stopUntouched(bot);
});

test('a program that cleans up and ends when nobody else listens for the signal still does, and its threads are left alone', async () => {
  const bot = startBot(`${APPS}/untouched-cleanup.cjs`);
  await bot.said(/ready/);
  expect(await stopUntouched(bot)).toEqual({ code: null, signal: 'SIGTERM' });
  expect(bot.output.stdout).toContain('cleaned up');
  expect(bot.output.stderr.match(/callspan: watching/g)).toHaveLength(1);
  expect(receiver.logs().some(({ body }) => String(body).startsWith('watching Twilio webhooks'))).toBe(true);
});

test('what a program prints after the last delivery stays its own, without a word of the kit beside it', async () => {
  const bot = startBot(`${APPS}/untouched-last-words.cjs`);
  expect(await bot.ended).toEqual({ code: 0, signal: null });
  expect(bot.output.stdout).toBe('last words\n');
  expect(bot.output.stderr).toMatch(/^callspan: watching .*, pg, console, winston, pino, .*\n$/);
});

test('a setting that makes no sense is told, and the bot runs without tracing', async () => {
  const bot = startBot(`${APPS}/untouched-own-socket.mjs`, { env: { CALLSPAN_SPEED: 'fast' } });
  await bot.url();
  expect(bot.output.stderr).toBe(
    'callspan: the bot runs without tracing: CALLSPAN_SPEED is "fast"; expected a number above 0\n',
  );
  await stopUntouched(bot);
});
