import { startTestReceiver, type TestReceiver } from 'callspan/testing';
import { createOpenAiApp } from '../helpers/aliased-packages.ts';
import { openHarness } from '../helpers/openai-standin.ts';
import { killUntouched, spawnUntouched } from '../helpers/untouched-bot.ts';

let models: Awaited<ReturnType<typeof openHarness>>['standin'];
beforeAll(async () => {
  ({ standin: models } = await openHarness());
});
afterAll(() => {
  killUntouched();
  return models.close();
});

async function run(file: string, receiver: TestReceiver, isWatched: boolean, before?: string) {
  const env = { OPENAI_BASE_URL: `${models.url}/v1`, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  const app = spawnUntouched({ file, isWatched, env, ...(before ? { before } : {}) });
  const end = await app.ended;
  if (end.code !== 0) throw new Error(`${file} ended with ${end.code}: ${app.output.stderr}`);
  return app.output.stdout;
}

describe.each(['openai-v4', 'openai-v5', 'openai-v6', 'openai'])('%s', (alias) => {
  let app: ReturnType<typeof createOpenAiApp>;
  let receivers: TestReceiver[];
  let bare: string;
  beforeAll(async () => {
    app = createOpenAiApp(alias);
    receivers = [await startTestReceiver(), await startTestReceiver(), await startTestReceiver()];
    bare = await run(app.esm, receivers[0]!, false);
  });
  afterAll(async () => {
    app.remove();
    for (const receiver of receivers) await receiver.close();
  });

  test('an ES module gets the same answers under the preload, whatever it is watched with', async () => {
    expect(await run(app.esm, receivers[2]!, false, './otel/preload.cjs')).toBe(bare);
  });

  test.each([
    ['an ES module', 'esm', 0],
    ['a CommonJS module', 'cjs', 1],
  ] as const)('%s gets the same answers, and each model call one span', async (_, kind, index) => {
    const receiver = receivers[index]!;
    expect(await run(app[kind], receiver, true)).toBe(bare);
    await receiver.waitFor('the last model call', () =>
      receiver.spans().some(({ name }) => name === 'chat no-such-model'),
    );
    const clients = receiver.spans().filter(({ kind: side }) => side === 'client');
    const named = (name: string) => clients.filter((span) => span.name.startsWith(name));
    const isCancelled = ({ attributes }: (typeof clients)[number]) => attributes['error.type'] === 'cancelled';
    const chats = named('chat gpt-6-luna');
    // Seven that were answered, the one that was left included, and the aborted one if it had gone out.
    expect([7, 8]).toContain(chats.length);
    const answered = chats.filter((span) => !isCancelled(span));
    expect([6, 7]).toContain(answered.length);
    expect(new Set(answered.map(({ attributes }) => attributes['gen_ai.response.model']))).toEqual(
      new Set(['gpt-6-luna']),
    );
    expect(chats.filter(({ attributes }) => attributes['gen_ai.output.type'] === 'json')).toHaveLength(1);
    expect(
      named('chat no-such-model').map(({ status, attributes }) => [status, attributes['http.response.status_code']]),
    ).toEqual([['error', 404]]);
    expect(named('text_to_speech')).toHaveLength(1);
    expect(named('speech_to_text')).toHaveLength(1);
    const posts = clients.filter(({ attributes }) => attributes['http.request.method'] === 'POST');
    expect(posts).toEqual([]);
    expect(clients.filter(({ attributes }) => attributes['http.request.method'] === 'GET')).toHaveLength(1);
  });
});
