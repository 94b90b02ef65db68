import { findCall, startTestReceiver, type TestReceiver } from 'callspan/testing';
import { startTestCaller } from '../helpers/caller.ts';
import { openHarness } from '../helpers/openai-standin.ts';
import { killUntouched, spawnUntouched, stopUntouched } from '../helpers/untouched-bot.ts';

let models: Awaited<ReturnType<typeof openHarness>>['standin'];
let caller: Awaited<ReturnType<typeof startTestCaller>>;
let receiver: TestReceiver;
beforeAll(async () => {
  ({ standin: models } = await openHarness());
  caller = await startTestCaller({ speed: 1 });
});
afterAll(async () => {
  await caller.close();
  await models.close();
});
beforeEach(async () => {
  receiver = await startTestReceiver();
});
afterEach(() => {
  killUntouched();
  return receiver.close();
});

const callsSeen = () => receiver.spans().filter(({ name }) => name === 'voice.call');

/** Two calls, one after the other, to a bot under the register that starts its calls with the kit itself. */
async function callTwice(args: readonly string[]) {
  const env = { OPENAI_BASE_URL: `${models.url}/v1`, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  const bot = spawnUntouched({ file: 'test/fixtures/apps/own-calls.mjs', args, env });
  const webhook = `${await bot.url()}/voice`;
  const callSids: string[] = [];
  for (const _ of ['first', 'second']) {
    const { callSid } = (await caller.call({ script: 'one-question', webhook })) as { callSid: string };
    callSids.push(callSid);
    await receiver.waitFor('the call', () =>
      callsSeen().some(({ attributes }) => attributes['twilio.call.sid'] === callSid),
    );
  }
  await stopUntouched(bot);
  return { callSids, stderr: bot.output.stderr };
}

test.each([
  ['at once', []],
  ['after something else', ['late']],
])(
  'a bot that starts its calls with the kit itself, %s, has each call once under the register, in one trace',
  async (_, args) => {
    const { callSids, stderr } = await callTwice(args);
    expect(callsSeen().map(({ attributes }) => attributes['twilio.call.sid'])).toEqual(callSids);
    for (const callSid of callSids) {
      const { traceIds, spans } = findCall(receiver, callSid);
      expect(traceIds).toHaveLength(1);
      const names = spans.map(({ name }) => name.split(' ', 1)[0]);
      expect(names).toContain('POST');
      expect(names).not.toContain('voice.setup');
      expect(names.filter((name) => name === 'speech_to_text')).toHaveLength(1);
      expect(spans.filter(({ attributes }) => attributes['http.request.resend_count'] !== undefined)).toEqual([]);
      const ids = new Set(spans.map(({ spanId }) => spanId));
      expect(spans.filter(({ parentSpanId }) => parentSpanId && !ids.has(parentSpanId))).toEqual([]);
    }
    expect(stderr).not.toMatch(/no webhook was seen|turns are inferred|no media stream/);
    expect(stderr.match(/starts its calls with the kit itself.*--require callspan\/preload/g)).toHaveLength(1);
  },
  60_000,
);
