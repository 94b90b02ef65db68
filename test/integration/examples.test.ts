import { runCallCommand } from '../helpers/call-command.ts';
import { type ExampleRun, startExample } from '../helpers/example.ts';
import { openHarness } from '../helpers/openai-standin.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../helpers/otlp-receiver.ts';

const TOKEN = 'token-of-an-example';
let standin: Awaited<ReturnType<typeof openHarness>>;
let receiver: OtlpReceiver;

beforeAll(async () => {
  standin = await openHarness();
});
afterAll(() => standin.standin.close());
beforeEach(async () => {
  receiver = await startOtlpReceiver();
});
afterEach(() => receiver.close());

/** Starts the example, calls it as `npm run call -- --webhook` does, and stops it. */
async function callExample(example: ExampleRun, args: readonly string[] = []) {
  const bot = await startExample({
    ...example,
    env: {
      TWILIO_AUTH_TOKEN: TOKEN,
      OPENAI_BASE_URL: `${standin.standin.url}/v1`,
      OPENAI_API_KEY: 'any',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      ...example.env,
    },
  });
  const call = await runCallCommand({
    args: ['--json', '--script', 'one-question', '--webhook', `${bot.url}/voice`, ...args],
    env: { TWILIO_AUTH_TOKEN: TOKEN, CALLSPAN_SPEED: '1' },
  });
  expect([call.code, call.stderr]).toEqual([0, '']);
  const code = await bot.stop();
  return { result: JSON.parse(call.stdout), code, output: bot.output() };
}

/** The kinds of the kit's own spans in the one trace that there is of the call. */
function kindsOfTrace(callSid: string): string[] {
  const ofCall = receiver.spans.filter(({ path }) => path === '/v1/traces');
  expect(new Set(ofCall.map(({ traceId }) => traceId)).size).toBe(1);
  expect(ofCall.find(({ name }) => name === 'voice.call')?.attributes['twilio.call.sid']).toBe(callSid);
  expect(ofCall.filter(({ parentSpanId }) => !parentSpanId).map(({ name }) => name)).toEqual(['POST /voice']);
  return [...new Set(ofCall.map(({ name }) => name.split(' ', 1)[0] ?? ''))].toSorted();
}

const KINDS = [
  'POST',
  'chat',
  'speech_to_text',
  'text_to_speech',
  'user_speech',
  'voice.call',
  'voice.response_gap',
  'voice.turn',
];

test.each(['express-ws', 'fastify'])('%s: one call is one trace, with its models, turns and waits', async (name) => {
  const { result, code } = await callExample({ file: `${name}/bot.js`, nodeArgs: ['--require', 'callspan/preload'] });
  expect(result.greeting).toBe('Hello, how can I help you?');
  expect(result.turns[0].heardFromBot).not.toBe('');
  expect(code).toBe(0);
  const kinds = kindsOfTrace(result.callSid);
  expect(kinds).toEqual(expect.arrayContaining(KINDS));
});

test.each(['untouched-express/bot.js', 'realtime-untouched/bot.cjs'])('%s without the kit is a bot', async (file) => {
  const { result } = await callExample({ file });
  expect(result.greeting).toBe('Hello, how can I help you?');
  expect(result.turns[0].heardFromBot).not.toBe('');
  expect(receiver.spans).toEqual([]);
});
