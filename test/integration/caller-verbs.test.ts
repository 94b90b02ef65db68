import webhooks from 'twilio/lib/webhooks/webhooks.js';
import { ACCOUNT, startTestCaller } from '../helpers/caller.ts';
import { type BotRequest, connectTwiml, startScriptedBot } from '../helpers/scripted-bot.ts';

let caller: Awaited<ReturnType<typeof startTestCaller>>;
let bot: Awaited<ReturnType<typeof startScriptedBot>>;

const twiml = (inside: string) => ({ body: `<Response>${inside}</Response>` });

/** Calls a bot that answers each path with its own document. */
async function callDocuments(script: string, documents: Record<string, string>) {
  bot = await startScriptedBot({ answer: ({ path }) => twiml(documents[path.split('?')[0] ?? ''] ?? '<Hangup/>') });
  return caller.call({ script, webhook: `${bot.url}/voice` });
}

const formOf = (path: string) =>
  Object.fromEntries(bot.requests.find((request: BotRequest) => request.path.startsWith(path))?.form ?? []);

beforeAll(async () => {
  caller = await startTestCaller({ speed: 20 });
});
afterEach(() => bot.close());
afterAll(() => caller.close());

test('what Say says is heard, pauses take their time, and the end of the document ends the call', async () => {
  const result = await callDocuments('silent-caller', {
    '/voice': '<Say>Nous sommes</Say><Pause length="2"/><Say>fermés.</Say>',
  });
  expect(result).toMatchObject({ greeting: 'Nous sommes fermés.', end: { by: 'bot' }, streamSid: null });
  expect(result.durationMs).toBeGreaterThan(2000 + 13 * 40 + 9 * 40);
});

test('Redirect goes on at the other address, which is read against the first', async () => {
  const result = await callDocuments('silent-caller', {
    '/voice': '<Redirect>/other?a=1</Redirect><Say>never</Say>',
    '/other': '<Say>là</Say>',
  });
  expect(result.greeting).toBe('là');
  expect(formOf('/other?a=1')).toMatchObject({ CallStatus: 'in-progress' });
});

test('Reject ends the call before it is answered', async () => {
  const result = await callDocuments('silent-caller', { '/voice': '<Reject reason="busy"/>' });
  expect(result).toMatchObject({ end: { by: 'bot' }, greeting: '' });
});

test('Gather sends what the caller says as SpeechResult', async () => {
  const result = await callDocuments('appointment-en', {
    '/voice': '<Gather input="speech" action="/heard"><Say>Hello?</Say></Gather><Say>never</Say>',
    '/heard': '<Say>Thank you</Say>',
  });
  expect(formOf('/heard').SpeechResult).toMatch(/^Hello, my name is Emma Clarke/);
  expect(result.turns[0]).toMatchObject({ heardFromBot: 'Thank you' });
});

test('Gather without an answer goes on with the next verb after its timeout', async () => {
  const result = await callDocuments('silent-caller', {
    '/voice': '<Gather action="/heard" timeout="2"><Say>Type</Say></Gather><Say>Too late</Say>',
  });
  expect(result.greeting).toBe('Type Too late');
  expect(bot.requests).toHaveLength(1);
});

test('Dial rings, nobody answers, and its action hears so', async () => {
  const result = await callDocuments('silent-caller', {
    '/voice': '<Dial timeout="3" action="/dialled">+33199000000</Dial>',
  });
  expect(formOf('/dialled')).toMatchObject({ DialCallStatus: 'no-answer' });
  expect(result.durationMs).toBeGreaterThanOrEqual(3000);
  expect(result.warnings).toMatchObject([{ code: 0 }]);
});

test('when the bot closes the stream the document goes on', async () => {
  bot = await startScriptedBot({
    answer: (_request, { mediaUrl }) => twiml(`<Connect><Stream url="${mediaUrl}"/></Connect><Say>Au revoir.</Say>`),
    replies: ['Bonjour.'],
  });
  const result = await caller.call({ script: 'silent-caller', webhook: `${bot.url}/voice` });
  expect(result).toMatchObject({ greeting: 'Bonjour. Au revoir.', end: { by: 'bot', closeCode: 1000 } });
});

test('stream events are told to the address that the document gives', async () => {
  bot = await startScriptedBot({
    answer: (_request, { mediaUrl, url }) =>
      twiml(`<Connect><Stream url="${mediaUrl}" name="n" statusCallback="${url}/stream-status"/></Connect>`),
    replies: ['Bonjour.'],
  });
  const { streamSid, callSid } = await caller.call({ script: 'silent-caller', webhook: `${bot.url}/voice` });
  const told = bot.requests.filter((one) => one.path === '/stream-status').map((one) => Object.fromEntries(one.form));
  const same = { StreamSid: streamSid, CallSid: callSid, StreamName: 'n' };
  expect(told).toHaveLength(2);
  expect(told).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ ...same, StreamEvent: 'stream-started' }),
      expect.objectContaining({ ...same, StreamEvent: 'stream-stopped' }),
    ]),
  );
});

test('parameters of the stream arrive at the bot, the query string does not', async () => {
  bot = await startScriptedBot({
    answer: (_request, { mediaUrl }) => ({ body: connectTwiml(`${mediaUrl}?token=1`, { token: 'a&b' }) }),
    replies: ['Bonjour.'],
  });
  await caller.call({ script: 'silent-caller', webhook: `${bot.url}/voice` });
  expect(bot.streams[0]?.url).toBe('/media');
  expect(bot.streams[0]?.messages[1]).toMatchObject({ start: { customParameters: { token: 'a&b' } } });
});

test('with a media base the stream is dialled there and signed for the address of the document', async () => {
  bot = await startScriptedBot({
    answer: () => ({ body: connectTwiml('wss://bot.example/media') }),
    replies: ['Bonjour.'],
  });
  const mediaBase = bot.mediaUrl.replace('/media', '');
  const result = await caller.call({ script: 'silent-caller', webhook: `${bot.url}/voice`, mediaBase });
  expect(result.greeting).toBe('Bonjour.');
  const signature = String(bot.streams[0]?.headers['x-twilio-signature']);
  expect(webhooks.validateRequest(ACCOUNT.authToken, signature, 'wss://bot.example/media', {})).toBe(true);
});
