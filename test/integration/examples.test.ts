import { findCall, type SeenCall, startTestReceiver, type TestReceiver } from 'callspan/testing';
import { runCallCommand } from '../helpers/call-command.ts';
import { type ExampleRun, killExamples, startExample } from '../helpers/example.ts';
import { openHarness } from '../helpers/openai-standin.ts';

const TOKEN = 'token-of-an-example';
const PRELOAD = ['--require', 'callspan/preload'];
const REGISTER = ['--require', 'callspan/register'];
const GREETING = 'Hello, how can I help you?';

let models: Awaited<ReturnType<typeof openHarness>>['standin'];
let receiver: TestReceiver;

beforeAll(async () => {
  ({ standin: models } = await openHarness());
});
afterAll(() => models.close());
beforeEach(async () => {
  receiver = await startTestReceiver();
});
afterEach(async () => {
  killExamples();
  await receiver.close();
});

/** Starts the example, calls it as `npm run call -- --webhook` does, and stops it when `isSeen` holds. */
async function callExample(example: ExampleRun, isSeen: () => boolean = () => true) {
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
  await receiver.waitFor(`the call in what ${example.file} sends; it says: ${bot.output()}`, isSeen);
  const code = await bot.stop();
  return { result: JSON.parse(call.stdout), code, output: bot.output() };
}

const isCallSeen = () => receiver.spans().some(({ name }) => name === 'voice.call');

/** The call's kinds of spans, by the first word of their names. All of them are in one trace with one root. */
function kindsOf({ traceIds, spans }: SeenCall): string[] {
  expect(traceIds).toHaveLength(1);
  expect(new Set(receiver.spans().map(({ traceId }) => traceId))).toEqual(new Set(traceIds));
  expect(spans.filter(({ parentSpanId }) => !parentSpanId).map(({ name }) => name)).toEqual(['POST /voice']);
  return [...new Set(spans.map(({ name }) => name.split(' ', 1)[0] ?? ''))];
}

const OF_MEDIA = ['POST', 'voice.call', 'voice.turn', 'user_speech', 'voice.response_gap', 'voice.playout'];
const OF_MODELS = ['speech_to_text', 'chat', 'text_to_speech'];

test.each(['express-ws', 'fastify'])(
  '%s: one call is one trace, with models, turns and the true wait',
  async (name) => {
    const { result, code } = await callExample({ file: `${name}/bot.js`, nodeArgs: PRELOAD }, isCallSeen);
    expect(code).toBe(0);
    expect(result).toMatchObject({ greeting: GREETING, turns: [{ heardFromBot: expect.stringMatching(/\w/) }] });
    const call = findCall(receiver, result.callSid);
    expect(kindsOf(call)).toEqual(expect.arrayContaining([...OF_MEDIA, ...OF_MODELS]));
    const [{ durationMs, source } = { durationMs: 0, source: '' }] = call.waits;
    expect(source).toBe('media_clock');
    expect(Math.abs(durationMs - result.turns[0].trueWaitMs)).toBeLessThanOrEqual(40);
  },
);

test.each(['untouched-express/bot.js', 'realtime-untouched/bot.cjs'])(
  '%s without the kit is a bot like any other',
  async (file) => {
    const { result } = await callExample({ file });
    expect(result).toMatchObject({ greeting: GREETING, turns: [{ heardFromBot: expect.stringMatching(/\w/) }] });
    expect(receiver.spans()).toEqual([]);
  },
);

test.each([
  ['untouched-express/bot.js', [...OF_MEDIA, ...OF_MODELS]],
  ['realtime-untouched/bot.cjs', [...OF_MEDIA, 'chat', 'speech_to_text']],
])('%s, untouched and run with the register, gives one trace a call', async (file, kinds) => {
  const { result } = await callExample({ file, nodeArgs: REGISTER }, isCallSeen);
  expect(result.greeting).toBe(GREETING);
  const call = findCall(receiver, result.callSid);
  expect(kindsOf(call)).toEqual(expect.arrayContaining(kinds));
  const [traceId] = call.traceIds;
  expect(receiver.logs()).toEqual(
    expect.arrayContaining(['call started', 'call ended'].map((body) => expect.objectContaining({ body, traceId }))),
  );
});

test("custom-metric: a counter of one's own leaves with the kit's metrics, from 0", async () => {
  const { result, code } = await callExample({ file: 'custom-metric/bot.js', nodeArgs: PRELOAD });
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
