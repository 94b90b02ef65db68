import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ATTRIBUTE_DESCRIPTORS } from '../../otel/src/conventions/signals/attribute-descriptors.ts';
import { RESERVED } from '../../otel/src/conventions/signals/describe.ts';
import { LOG_DESCRIPTORS } from '../../otel/src/conventions/signals/log-descriptors.ts';
import { SPAN_DESCRIPTORS, SPAN_EVENT_DESCRIPTORS } from '../../otel/src/conventions/signals/span-descriptors.ts';
import { type RunningSet, startSet } from '../helpers/running-set.ts';
import { type SignalCensus, type SignalNames, startSignalCensus } from '../helpers/signal-census.ts';
import { ACCOUNT_SID, AUTH_TOKEN, STREAM_SECRET } from '../helpers/test-bot.ts';
import { newCallSid, openStream, postForm, startMessage, tokenOf, voiceForm } from '../helpers/twilio-signed.ts';
import { killUntouched, spawnUntouched, stopUntouched } from '../helpers/untouched-bot.ts';

/** What these runs cannot have: why, and the test that has it. */
const ELSEWHERE: Readonly<Record<string, readonly [reason: string, test: string]>> = {
  'service.heartbeat': ['once a minute', 'test/unit/otel/logs-service.test.ts'],
  'event_loop.blocked': ['nothing blocks the bot', 'test/unit/otel/metrics-kit.test.ts'],
  'voice.media.drift_ppm': ['shows after half a minute', 'test/e2e/line-faults.test.ts'],
  'stage.stuck': ['a stage has to hang for eight seconds', 'test/unit/otel/limits.test.ts'],
  exception: ['a process of its own ends of it', 'test/integration/exceptions.test.ts'],
  'callspan.attributes.cut': ['the bot writes no value that is cut', 'test/unit/otel/guard.test.ts'],
  'gen_ai.token.type': ['a label of metrics', 'test/e2e/metrics.test.ts'],
};

const KNOWN = {
  span: SPAN_DESCRIPTORS,
  event: SPAN_EVENT_DESCRIPTORS,
  log: LOG_DESCRIPTORS,
  attribute: ATTRIBUTE_DESCRIPTORS,
} as const satisfies Readonly<Record<keyof SignalNames, object>>;
const KINDS = ['span', 'event', 'log', 'attribute'] as const;

let census: SignalCensus;
beforeAll(async () => {
  census = await startSignalCensus();
  await Promise.all([runSet([], {}, callByAllWays), runFailingSet()]);
}, 240_000);
afterAll(() => {
  killUntouched();
  census.close();
});

async function callByAllWays(set: RunningSet): Promise<void> {
  await Promise.all([
    place(set, 'appointment-fr'),
    place(set, 'interrupts'),
    place(set, 'silent-caller'),
    place(set, 'hang-up-early'),
    place(set, 'many-turns', { faults: 'stall=2000/5000,lost-mark', seed: 7 }),
    callByHand(`http://127.0.0.1:${set.env.BOT_PORT}`),
    callUntouchedBot(set),
  ]);
  // Slow enough for a filler, and there before the caller takes the filler for the answer.
  await order(set, { route: 'chat', match: 'reply', fault: 'slow', next: 1, latencyMs: 2000 });
  await place(set, 'one-question');
  await order(set, { route: 'chat', match: 'reply', fault: '500', next: 9 });
  await place(set, 'one-question');
}

/** Live models, and a records service that fails. */
async function runFailingSet(): Promise<void> {
  const records = await startFailingRecords();
  const live = { BOT_TRANSCRIPTION: 'realtime', BOT_SYNTHESIS: 'realtime', RECORDS_URL: records.url };
  await runSet(['--only', 'openai,bot,caller'], live, async (set) => {
    await place(set, 'appointment-en');
    await seen('log', 'save.failed');
    records.refuse();
    await seen('log', 'save.dead');
  });
  records.close();
}

async function runSet(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  work: (set: RunningSet) => Promise<void>,
): Promise<void> {
  const set = await startSet(['--speed', '3', '--no-call', '--only', 'records,openai,bot,caller', ...args], {
    OTEL_EXPORTER_OTLP_ENDPOINT: census.url,
    TWILIO_AUTH_TOKEN: AUTH_TOKEN,
    TWILIO_ACCOUNT_SID: ACCOUNT_SID,
    CALLSPAN_STREAM_SECRET: STREAM_SECRET,
    ...env,
  });
  try {
    await set.said('Callspan is running');
    await work(set);
    await set.interrupt();
  } finally {
    await set.cleanUp();
  }
}

async function post(url: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
}

const place = (set: RunningSet, script: string, more: object = {}) =>
  post(`${set.address('TWILIO_SIM_PORT')}/calls`, { script, wait: true, ...more });
const order = (set: RunningSet, fault: object) => post(`${set.address('STANDIN_PORT')}/control`, fault);

async function seen(kind: keyof SignalNames, name: string): Promise<void> {
  while (!census.names[kind].has(name)) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** What the simulated line does not do: a key pressed, a refused stream, an error that Twilio reports. */
async function callByHand(botUrl: string): Promise<void> {
  const callSid = newCallSid();
  const token = tokenOf(await (await postForm(`${botUrl}/voice`, voiceForm(callSid))).text());
  const forged = await openStream(botUrl);
  forged.send(startMessage(forged.streamSid, callSid, `${token}x`));
  await forged.closed;
  const stream = await openStream(botUrl);
  stream.send(startMessage(stream.streamSid, callSid, token));
  const { streamSid } = stream;
  stream.send({ event: 'dtmf', streamSid, sequenceNumber: '2', dtmf: { track: 'inbound_track', digit: '5' } });
  stream.send({ event: 'stop', streamSid, sequenceNumber: '3', stop: { accountSid: ACCOUNT_SID, callSid } });
  stream.socket.close();
  await stream.closed;
  const failed = { StreamEvent: 'stream-error', StreamError: '31921', StreamSid: streamSid };
  await postForm(`${botUrl}/stream-status`, voiceForm(callSid, failed));
  await seen('event', 'voice.dtmf');
}

async function callUntouchedBot(set: RunningSet): Promise<void> {
  const bot = spawnUntouched({
    file: 'test/fixtures/apps/untouched-express.cjs',
    env: { OPENAI_BASE_URL: `${set.address('STANDIN_PORT')}/v1`, OTEL_EXPORTER_OTLP_ENDPOINT: census.url },
  });
  await place(set, 'one-question', { webhook: `${await bot.url()}/voice` });
  await stopUntouched(bot);
}

/** A records service that is there and fails, until it refuses. */
async function startFailingRecords() {
  let status = 503;
  const server = createServer((request, response) =>
    request.resume().on('end', () => response.writeHead(status).end()),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refuse() {
      status = 422;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** `chat gpt-6-luna` is `chat {model}`. */
const isSent = (kind: keyof SignalNames, name: string) => {
  const [operation, subject] = name.split(' ');
  if (kind !== 'span' || !subject?.startsWith('{')) return census.names[kind].has(name);
  return [...census.names.span].some((span) => span.startsWith(`${operation} `));
};

test.each(KINDS)('every %s name that is not reserved is sent', (kind) => {
  const wanted = Object.entries(KNOWN[kind]).filter(
    ([, { source }]: [string, { source?: string }]) => source !== RESERVED,
  );
  const missing = wanted.map(([name]) => name).filter((name) => !isSent(kind, name));
  expect(missing.filter((name) => !(name in ELSEWHERE))).toEqual([]);
});

test.each(KINDS)('no %s name of the project’s own is outside the conventions', (kind) => {
  const foreign = [...census.names[kind]].filter((name) => !(name in KNOWN[kind]));
  expect(foreign.filter((name) => /^(voice|twilio|callspan|threshold)\b/.test(name))).toEqual([]);
});

test('what is sent elsewhere is a name, and its test is there', () => {
  const known = KINDS.flatMap((kind) => Object.keys(KNOWN[kind]));
  expect(Object.keys(ELSEWHERE).filter((name) => !known.includes(name))).toEqual([]);
  expect(Object.values(ELSEWHERE).filter(([, test]) => !existsSync(test))).toEqual([]);
});
