import { findCall, type SeenCall, startTestReceiver, type TestReceiver } from 'callspan/testing';
import { runCallCommand } from '../helpers/call-command.ts';
import { type ExampleRun, killExamples, startExample } from '../helpers/example.ts';
import { openHarness } from '../helpers/openai-standin.ts';

const TOKEN = 'token-of-an-example';
const PRELOAD = ['--require', 'callspan/preload'];
const REGISTER = ['--require', 'callspan/register'];
const GREETING = 'Hello, how can I help you?';

/** Every example, and how it is run; those whose call is traced are stopped when it has arrived. */
const EXAMPLES = {
  'express-ws': { file: 'express-ws/bot.js', nodeArgs: PRELOAD, isTraced: true },
  fastify: { file: 'fastify/bot.js', nodeArgs: PRELOAD, isTraced: true },
  'untouched-express': { file: 'untouched-express/bot.js', isTraced: false },
  'realtime-untouched': { file: 'realtime-untouched/bot.cjs', isTraced: false },
  'untouched-express with the register': { file: 'untouched-express/bot.js', nodeArgs: REGISTER, isTraced: true },
  'realtime-untouched with the register': { file: 'realtime-untouched/bot.cjs', nodeArgs: REGISTER, isTraced: true },
  'custom-metric': { file: 'custom-metric/bot.js', nodeArgs: PRELOAD, isTraced: false },
} as const satisfies Readonly<Record<string, ExampleRun & { readonly isTraced: boolean }>>;
type ExampleName = keyof typeof EXAMPLES;
/** So many are called at once. */
const AT_ONCE = 3;

let models: Awaited<ReturnType<typeof openHarness>>['standin'];
const receivers: TestReceiver[] = [];
const called = new Map<ExampleName, ReturnType<typeof callExample>>();

beforeAll(async () => {
  ({ standin: models } = await openHarness());
  const names = Object.keys(EXAMPLES) as ExampleName[];
  const isFree: Promise<unknown>[] = [];
  for (const [index, name] of names.entries()) {
    const call = Promise.resolve(isFree[index - AT_ONCE]).then(() => callExample(EXAMPLES[name]));
    called.set(name, call);
    // Whether it failed is for its own test to say.
    isFree.push(call.catch(() => undefined));
  }
  await Promise.all(isFree);
}, 120_000);
afterAll(async () => {
  killExamples();
  await Promise.all(receivers.map((receiver) => receiver.close()));
  await models.close();
});

/** What came of the example's one call. */
async function resultOf(name: ExampleName) {
  const call = await called.get(name);
  if (!call) throw new Error(`${name} was not called`);
  return call;
}

/** Starts the example, calls it as `npm run call -- --webhook` does, and stops it. */
async function callExample({ isTraced, ...example }: ExampleRun & { readonly isTraced: boolean }) {
  const receiver = await startTestReceiver();
  receivers.push(receiver);
  const bot = await startExample({
    ...example,
    env: {
      TWILIO_AUTH_TOKEN: TOKEN,
      OPENAI_BASE_URL: `${models.url}/v1`,
      OPENAI_API_KEY: 'any',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      ...example.env,
    },
  });
  const call = await runCallCommand({
    args: ['--json', '--script', 'one-question', '--webhook', `${bot.url}/voice`],
    env: { TWILIO_AUTH_TOKEN: TOKEN, CALLSPAN_SPEED: '1' },
  });
  expect([call.code, call.stderr]).toEqual([0, '']);
  if (isTraced) {
    const isCallSeen = () => receiver.spans().some(({ name }) => name === 'voice.call');
    await receiver.waitFor(`the call in what ${example.file} sends; it says: ${bot.output()}`, isCallSeen);
  }
  const code = await bot.stop();
  return { result: JSON.parse(call.stdout), code, receiver };
}

/** The call's kinds of spans, by the first word of their names. All of them are in one trace with one root. */
function kindsOf(receiver: TestReceiver, { traceIds, spans }: SeenCall): string[] {
  expect(traceIds).toHaveLength(1);
  expect(new Set(receiver.spans().map(({ traceId }) => traceId))).toEqual(new Set(traceIds));
  expect(spans.filter(({ parentSpanId }) => !parentSpanId).map(({ name }) => name)).toEqual(['POST /voice']);
  return [...new Set(spans.map(({ name }) => name.split(' ', 1)[0] ?? ''))];
}

const OF_MEDIA = ['POST', 'voice.call', 'voice.turn', 'user_speech', 'voice.response_gap', 'voice.playout'];
const OF_MODELS = ['speech_to_text', 'chat', 'text_to_speech'];

test.each(['express-ws', 'fastify'] as const)(
  '%s: one call is one trace, with models, turns and the true wait',
  async (name) => {
    const { result, code, receiver } = await resultOf(name);
    expect(code).toBe(0);
    expect(result).toMatchObject({ greeting: GREETING, turns: [{ heardFromBot: expect.stringMatching(/\w/) }] });
    const call = findCall(receiver, result.callSid);
    expect(kindsOf(receiver, call)).toEqual(expect.arrayContaining([...OF_MEDIA, ...OF_MODELS]));
    const [{ durationMs, source } = { durationMs: 0, source: '' }] = call.waits;
    expect(source).toBe('media_clock');
    expect(Math.abs(durationMs - result.turns[0].trueWaitMs)).toBeLessThanOrEqual(40);
  },
);

test.each(['untouched-express', 'realtime-untouched'] as const)(
  '%s without the kit is a bot like any other',
  async (name) => {
    const { result, receiver } = await resultOf(name);
    expect(result).toMatchObject({ greeting: GREETING, turns: [{ heardFromBot: expect.stringMatching(/\w/) }] });
    expect(receiver.spans()).toEqual([]);
  },
);

test.each([
  ['untouched-express with the register', [...OF_MEDIA, ...OF_MODELS]],
  ['realtime-untouched with the register', [...OF_MEDIA, 'chat', 'speech_to_text']],
] as const)('%s gives one trace a call', async (name, kinds) => {
  const { result, receiver } = await resultOf(name);
  expect(result.greeting).toBe(GREETING);
  const call = findCall(receiver, result.callSid);
  expect(kindsOf(receiver, call)).toEqual(expect.arrayContaining([...kinds]));
  const [traceId] = call.traceIds;
  expect(receiver.logs()).toEqual(
    expect.arrayContaining(['call started', 'call ended'].map((body) => expect.objectContaining({ body, traceId }))),
  );
});

test("custom-metric: a counter of one's own leaves with the kit's metrics, from 0", async () => {
  const { result, code, receiver } = await resultOf('custom-metric');
  expect(code).toBe(0);
  expect(result).toMatchObject({
    greeting: 'What would you like to know?',
    turns: [{ heardFromBot: expect.stringContaining('eighty') }],
  });
  const questions = (await receiver.metrics()).find(({ name }) => name === 'plumber.questions');
  expect(questions).toMatchObject({ unit: '{question}' });
  expect(questions?.points.map(({ attributes, value }) => [attributes.about, value])).toEqual([
    ['price', 1],
    ['other', 0],
  ]);
});
