import { AsyncLocalStorage } from 'node:async_hooks';
import { type Connect, connectPlain } from '../../services/bot/adapters/openai-realtime/connect.ts';
import { createLiveTranscriber } from '../../services/bot/adapters/openai-realtime/live-transcriber.ts';
import { createClock } from '../../services/line/clock.ts';
import { type ScriptedRealtime, startScriptedRealtime } from '../helpers/scripted-realtime.ts';

const FINAL = 'conversation.item.input_audio_transcription.completed';

let server: ScriptedRealtime;
beforeEach(async () => {
  server = await startScriptedRealtime();
});
afterEach(() => server.close());

test('a commit is sent in the context of who asked for it, also when its session opens later or again', async () => {
  const context = new AsyncLocalStorage<string>();
  const commits: (string | undefined)[] = [];
  const connect: Connect = (...parameters) => {
    const socket = connectPlain(...parameters);
    const { send } = socket;
    socket.send = (...sent: unknown[]) => {
      if (String(sent[0]).includes('input_audio_buffer.commit')) commits.push(context.getStore());
      Reflect.apply(send, socket, sent);
    };
    return socket;
  };
  const endpoint = { baseUrl: server.baseUrl, apiKey: 'key', model: 'gpt-live-transcribe' };
  const { port, resources, close } = createLiveTranscriber({ ...endpoint, clock: createClock(), connect });
  const { signal } = new AbortController();
  for (const index of [0, 1]) {
    const turn = { callSid: 'CA1', turnIndex: index };
    const stream = context.run('listening', () => port.listen({ turn, language: 'fr', signal }));
    const text = context.run('committing', () => stream.commit());
    const heard = await server.connection(index);
    await heard.next('input_audio_buffer.commit');
    heard.say(
      { type: 'input_audio_buffer.committed', item_id: 'one' },
      { type: FINAL, item_id: 'one', transcript: 'oui' },
    );
    expect(await text).toBe('oui');
    resources.release('CA1');
    await heard.closed;
  }
  expect(commits).toEqual(['committing', 'committing']);
  close();
});
