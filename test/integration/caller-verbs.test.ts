import webhooks from 'twilio/lib/webhooks/webhooks.js';
import { demodulate } from '../../services/line/modem.ts';
import { decodeMulaw, encodeMulaw } from '../../services/line/mulaw.ts';
import { ACCOUNT, startTestCaller } from '../helpers/caller.ts';
import { type BotRequest, type BotStream, connectTwiml, startScriptedBot } from '../helpers/scripted-bot.ts';

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

test('a call that ends in Dial is told as passed on, one that goes on after it is not', async () => {
  const passedOn = await callDocuments('silent-caller', { '/voice': '<Dial timeout="1">+33199000000</Dial><Hangup/>' });
  expect(passedOn.end).toEqual({ by: 'bot', isTransferred: true });
  await bot.close();
  const kept = await callDocuments('silent-caller', { '/voice': '<Dial timeout="1">1</Dial><Say>Occupé.</Say>' });
  expect(kept).toMatchObject({ greeting: 'Occupé.', end: { by: 'bot' } });
  expect(kept.end.isTransferred).toBeUndefined();
});

/** The frames of a track, demodulated. */
const heardOn = (stream: BotStream | undefined, track: string) => {
  const frames = stream?.media.filter(({ media }) => media.track === track) ?? [];
  const bytes = Buffer.concat(frames.map(({ media }) => Buffer.from(media.payload, 'base64')));
  return demodulate(decodeMulaw(bytes), { voice: track === 'inbound' ? 'caller' : 'agent' }).text;
};

test('Start listens to both sides while the document goes on, until Stop', async () => {
  bot = await startScriptedBot({
    answer: ({ path }, { mediaUrl, url }) =>
      twiml(
        path === '/heard'
          ? '<Stop><Stream name="ear"/></Stop><Say>Alone.</Say>'
          : `<Start><Stream url="${mediaUrl}" name="ear" track="both_tracks" statusCallback="${url}/stream-status">
             <Parameter name="p" value="1"/></Stream></Start>
             <Pause length="1"/><Gather input="speech" timeout="5" action="/heard"><Say>Hello?</Say></Gather>`,
      ),
  });
  const result = await caller.call({ script: 'one-question', webhook: `${bot.url}/voice` });
  const [stream] = bot.streams;
  expect(stream?.messages.map(({ event }) => event)).toEqual(['connected', 'start', 'stop']);
  expect(stream?.messages[1]).toMatchObject({
    start: { tracks: ['inbound', 'outbound'], customParameters: { p: '1' }, callSid: result.callSid },
  });
  expect(heardOn(stream, 'outbound')).toBe('Hello?');
  expect(heardOn(stream, 'inbound')).toBe('Hello, my name is Emma Clarke, how much is it?');
  expect(result).toMatchObject({ streamSid: expect.stringMatching(/^MZ/), turns: [{ heardFromBot: 'Alone.' }] });
  const events = bot.requests
    .filter(({ path }) => path === '/stream-status')
    .map(({ form }) => form.get('StreamEvent'));
  expect(events).toEqual(['stream-started', 'stream-stopped']);
});

test('a one-way stream that cannot be opened is a warning, and the document goes on', async () => {
  const result = await callDocuments('silent-caller', {
    '/voice': '<Start><Stream url="ws://127.0.0.1:9/ear"/></Start><Pause length="2"/><Say>Still here.</Say>',
  });
  expect(result).toMatchObject({ greeting: 'Still here.', end: { by: 'bot' }, warnings: [{ code: 31902 }] });
});

test('what a bot sends on a one-way stream is refused once and never heard', async () => {
  bot = await startScriptedBot({
    answer: (_request, { mediaUrl }) =>
      twiml(`<Start><Stream url="${mediaUrl}"/></Start><Pause length="3"/><Say>End.</Say>`),
    onMessage: (message, stream) => {
      if (message.event === 'start') for (const text of ['One', 'Two']) stream.say(text);
    },
  });
  const result = await caller.call({ script: 'silent-caller', webhook: `${bot.url}/voice` });
  expect(result).toMatchObject({ greeting: 'End.', warnings: [{ code: 31924 }] });
  expect(result.warnings).toHaveLength(1);
});

test('a voice without words of the modem is heard as sound, with its length and the true wait', async () => {
  const tone = Buffer.from(
    encodeMulaw(Int16Array.from({ length: 8000 }, (_, at) => 8000 * Math.sin((2 * Math.PI * 180 * at) / 8000))),
  );
  bot = await startScriptedBot({
    onMessage: (message, stream) => {
      const { streamSid } = message as { streamSid: string };
      const speak = () => stream.send({ event: 'media', streamSid, media: { payload: tone.toString('base64') } });
      if (message.event === 'start') speak();
      // The caller's words are over with the silence after them.
      const heard = stream.media.map(({ media }) => media.payload);
      const isOver = stream.heard.length === 1 && heard.length > 0 && stream.messages.length === 2;
      if (isOver) {
        stream.messages.push({ event: 'answered' });
        speak();
      }
    },
  });
  const result = await caller.call({ script: 'one-question', webhook: `${bot.url}/voice` });
  expect(result).toMatchObject({ greeting: null, turns: [{ heardFromBot: null }] });
  for (const spokeMs of [result.greetingSpokeMs, result.turns[0].botSpokeMs])
    expect(Math.abs(spokeMs - 1000)).toBeLessThanOrEqual(20);
  expect(result.turns[0].trueWaitMs).toBeGreaterThan(0);
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
