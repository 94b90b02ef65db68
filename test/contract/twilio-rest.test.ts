import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import twilio from 'twilio';
import { ACCOUNT, startTestCaller } from '../helpers/caller.ts';
import { startScriptedBot } from '../helpers/scripted-bot.ts';

type Caller = Awaited<ReturnType<typeof startTestCaller>>;
let caller: Caller;
let bot: Awaited<ReturnType<typeof startScriptedBot>>;

beforeAll(async () => {
  bot = await startScriptedBot({ onMessage: (message, stream) => message.event === 'start' && stream.say('Bonjour') });
  caller = await startTestCaller({ speed: 4 });
});
afterAll(async () => {
  await caller.close();
  await bot.close();
});

function createClient(authToken: string = ACCOUNT.authToken) {
  const client = twilio(ACCOUNT.accountSid, authToken);
  client.api.baseUrl = caller.url;
  return client;
}

async function place(): Promise<string> {
  const streams = bot.streams.length;
  const { callSid } = await (await caller.post({ script: 'silent-caller', webhook: `${bot.url}/voice` })).json();
  await bot.until(() => bot.streams.length > streams);
  return callSid;
}

test('the twilio package reads a call and hangs it up', async () => {
  const client = createClient();
  const callSid = await place();
  const call = await client.calls(callSid).fetch();
  expect(call).toMatchObject({ sid: callSid, status: 'in-progress', direction: 'inbound', from: '+33199004321' });
  expect(call.startTime).toBeInstanceOf(Date);
  await client.calls(callSid).update({ status: 'completed' });
  const result = await (await fetch(`${caller.url}/calls/${callSid}?wait=true`)).json();
  expect(result.end).toEqual({ by: 'bot' });
  expect(bot.streams.at(-1)?.messages.at(-1)).toMatchObject({ event: 'stop', stop: { callSid } });
  expect(await client.calls(callSid).fetch()).toMatchObject({ status: 'completed' });
});

test.each([
  ['busy', { body: '<Response><Reject reason="busy"/></Response>' }, 'busy', '0'],
  ['no-answer', { body: '<Response><Reject/></Response>' }, 'no-answer', '0'],
  ['failed', { status: 500, body: '' }, 'failed', '0'],
  ['completed', { body: '<Response><Pause length="2"/></Response>' }, 'completed', '2'],
])(
  'a call that ends as %s is so, with its duration, before its traces are known',
  async (_name, answer, status, duration) => {
    const rejecting = await startScriptedBot({ answer: () => answer });
    // It takes requests and answers none: what is asked there is not known yet.
    const viewer = createServer(() => undefined);
    await new Promise<void>((resolve) => {
      viewer.listen(0, '127.0.0.1', resolve);
    });
    const viewerUrl = `http://127.0.0.1:${(viewer.address() as AddressInfo).port}`;
    const line = await startTestCaller({ speed: 4, viewerUrl });
    const { callSid } = await (await line.post({ script: 'silent-caller', webhook: `${rejecting.url}/voice` })).json();
    const events = await fetch(`${line.url}/calls/${callSid}/events`);
    for await (const text of events.body?.pipeThrough(new TextDecoderStream()) ?? [])
      if (text.includes('"type":"ended"')) break;
    const client = twilio(ACCOUNT.accountSid, ACCOUNT.authToken);
    client.api.baseUrl = line.url;
    expect(await client.calls(callSid).fetch()).toMatchObject({ status, duration, endTime: expect.any(Date) });
    viewer.close();
    viewer.closeAllConnections();
    await line.close();
    await rejecting.close();
  },
);

test('a call that has ended, or never was, is Twilio’s error 20404', async () => {
  const client = createClient();
  const callSid = await place();
  await client.calls(callSid).update({ status: 'completed' });
  await fetch(`${caller.url}/calls/${callSid}?wait=true`);
  await expect(client.calls(callSid).update({ status: 'completed' })).rejects.toMatchObject({
    status: 404,
    code: 20404,
  });
  await expect(client.calls(`CA${'0'.repeat(32)}`).fetch()).rejects.toMatchObject({ status: 404, code: 20404 });
});

test('another token is Twilio’s error 20003', async () => {
  await expect(
    createClient('wrong')
      .calls(`CA${'0'.repeat(32)}`)
      .fetch(),
  ).rejects.toMatchObject({ status: 401, code: 20003 });
});
