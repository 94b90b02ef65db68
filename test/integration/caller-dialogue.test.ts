import webhooks from 'twilio/lib/webhooks/webhooks.js';
import { ACCOUNT, startTestCaller } from '../helpers/caller.ts';
import { connectTwiml, startScriptedBot } from '../helpers/scripted-bot.ts';

const REPLIES = [
  'Bonjour, que puis-je faire ?',
  'Où et à quel numéro ?',
  "Donc mardi, c'est exact ?",
  'Noté, au revoir.',
];
const SAID = [
  "Bonjour, je m'appelle Claire Fontaine, je voudrais un rendez-vous pour une fuite d'eau mardi à dix heures.",
  'Au 12 rue des Lilas à Lyon, mon numéro est le 06 39 98 12 34.',
  "Oui, c'est exact.",
];
const WHOLE = { script: 'appointment-fr' };

let caller: Awaited<ReturnType<typeof startTestCaller>>;
let bot: Awaited<ReturnType<typeof startScriptedBot>>;
const open = async (options: Parameters<typeof startScriptedBot>[0]) => {
  bot = await startScriptedBot(options);
  return { webhook: `${bot.url}/voice`, statusCallback: `${bot.url}/status` };
};

beforeAll(async () => {
  caller = await startTestCaller({ speed: 25 });
});
afterEach(() => bot.close());
afterAll(() => caller.close());

test('a whole dialogue goes through audio in both directions', async () => {
  const result = await caller.call({ ...WHOLE, ...(await open({ replies: REPLIES })) });
  expect(bot.streams[0]?.heard).toEqual(SAID);
  expect(result).toMatchObject({
    end: { by: 'bot', closeCode: 1000 },
    greeting: REPLIES[0],
    turns: SAID.map((saidByCaller, index) => ({ saidByCaller, heardFromBot: REPLIES[index + 1], transcribed: null })),
    record: null,
    traceId: null,
    outcome: null,
    warnings: [],
  });
});

test('the true wait is never shorter than the 400 ms that the bot waits, and counts whole ticks of the line', async () => {
  const result = await caller.call({ ...WHOLE, ...(await open({ replies: REPLIES })) });
  for (const { trueWaitMs } of result.turns) {
    expect(trueWaitMs).toBeGreaterThanOrEqual(400);
    expect(trueWaitMs % 20).toBeCloseTo(0.125, 3);
  }
});

test('webhook, upgrade and status callback carry signatures that the twilio package accepts', async () => {
  const addresses = await open({ replies: REPLIES });
  const { callSid } = await caller.call({ ...WHOLE, ...addresses });
  const [voice, status] = bot.requests;
  for (const [url, request] of [
    [addresses.webhook, voice],
    [addresses.statusCallback, status],
  ] as const) {
    const signature = String(request?.headers['x-twilio-signature']);
    const form = Object.fromEntries(request?.form ?? []);
    expect(webhooks.validateRequest(ACCOUNT.authToken, signature, url, form)).toBe(true);
  }
  const upgrade = String(bot.streams[0]?.headers['x-twilio-signature']);
  expect(webhooks.validateRequest(ACCOUNT.authToken, upgrade, bot.mediaUrl, {})).toBe(true);
  expect(Object.fromEntries(voice?.form ?? [])).toMatchObject({
    CallSid: callSid,
    CallStatus: 'ringing',
    Direction: 'inbound',
  });
  expect(Object.fromEntries(status?.form ?? [])).toMatchObject({
    CallSid: callSid,
    CallStatus: 'completed',
    SequenceNumber: '0',
    CallbackSource: 'call-progress-events',
    CallDuration: expect.stringMatching(/^\d+$/),
    Timestamp: expect.stringMatching(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/),
  });
});

test('a muted caller takes as long, and nothing arrives', async () => {
  const result = await caller.call({ ...WHOLE, ...(await open({ replies: REPLIES })), muted: true });
  expect(bot.streams[0]?.heard).toEqual([]);
  expect(
    bot.streams[0]?.media.every(({ media }) => Buffer.from(media.payload, 'base64').every((byte) => byte === 0xff)),
  ).toBe(true);
  expect(result.turns.map((turn: { trueWaitMs: number | null }) => turn.trueWaitMs)).toEqual([null, null, null]);
  expect(result.end).toEqual({ by: 'caller' });
});

test('a replaced word changes in the audio and nowhere else', async () => {
  await caller.call({ ...WHOLE, ...(await open({ replies: REPLIES })), replace: ['Lilas', 'Roses'] });
  expect(bot.streams[0]?.heard).toEqual(SAID.map((text) => text.replace('Lilas', 'Roses')));
});

test('a caller who is asked again repeats the sentence', async () => {
  const again = ["Pardon, je n'ai pas compris, pouvez-vous répéter ?", ...REPLIES.slice(1)];
  await caller.call({ ...WHOLE, ...(await open({ replies: [REPLIES[0] ?? '', ...again] })) });
  expect(bot.streams[0]?.heard).toEqual([SAID[0], ...SAID]);
});

test('a caller who hangs up early has heard the beginning, and the bot gets stop', async () => {
  const result = await caller.call({
    script: 'hang-up-early',
    ...(await open({ replies: ['Bonjour, ici la plomberie.', ''] })),
  });
  expect(result.end).toEqual({ by: 'caller' });
  expect('Bonjour, ici la plomberie.'.startsWith(result.greeting)).toBe(true);
  expect(result.greeting.length).toBeGreaterThan(5);
  expect(bot.streams[0]?.messages.at(-1)).toMatchObject({ event: 'stop' });
});

test('audio that clear dropped was not heard, and its marks come back', async () => {
  const long = 'Un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept';
  const options = await open({
    onMessage(message, stream) {
      if (message.event === 'start') stream.say(long);
      const isTime = message.event === 'media' && stream.media.length === 30;
      if (isTime) stream.send({ event: 'clear', streamSid: message.streamSid as string });
    },
  });
  const slow = await startTestCaller({ speed: 4 });
  const { callSid } = await (await slow.post({ script: 'silent-caller', ...options })).json();
  await bot.until(() => bot.streams[0]?.messages.some((message) => message.event === 'mark') ?? false);
  bot.streams[0]?.close();
  const result = await (await fetch(`${slow.url}/calls/${callSid}?wait=true`)).json();
  expect(long.startsWith(result.greeting)).toBe(true);
  expect(result.greeting.length).toBeGreaterThan(8);
  expect(result.greeting.length).toBeLessThan(long.length);
  await slow.close();
});

test('what the viewer and the records service know is in the result', async () => {
  const facts = {
    state: 'ended',
    traceId: 'a'.repeat(32),
    outcome: 'saved',
    turnList: [2, 0, 1, 3].map((index) => ({ index, transcribed: index === 0 ? null : `turn ${index}` })),
  };
  const records = [
    { id: 'old', createdAt: '2026-01-01T00:00:00Z' },
    { id: 'new', createdAt: '2026-01-02T00:00:00Z' },
  ];
  const kept = await startScriptedBot({
    answer: ({ path }) => ({
      type: 'application/json',
      body: JSON.stringify(path.startsWith('/api') ? facts : { records }),
    }),
  });
  const informed = await startTestCaller({ speed: 25, viewerUrl: kept.url, recordsUrl: kept.url });
  const result = await informed.call({ ...WHOLE, ...(await open({ replies: REPLIES })) });
  expect(result).toMatchObject({ traceId: facts.traceId, outcome: 'saved', record: records[1] });
  expect(result.turns.map((turn: { transcribed: string }) => turn.transcribed)).toEqual(['turn 1', 'turn 2', 'turn 3']);
  expect(result.turns.map((turn: { traceTurnIndex: number }) => turn.traceTurnIndex)).toEqual([1, 2, 3]);
  expect(kept.requests.map((request) => request.path)).toEqual([
    `/api/v1/calls/${result.callSid}`,
    `/records?callSid=${result.callSid}`,
  ]);
  await informed.close();
  await kept.close();
});

test('ten calls at once do not hear each other', async () => {
  const addresses = await open({
    replies: REPLIES,
    answer: (_request, { mediaUrl }) => ({ body: connectTwiml(mediaUrl) }),
  });
  const names = Array.from({ length: 10 }, (_, index) => `Claire${index}`);
  const calls = names.map((name) => caller.call({ ...WHOLE, ...addresses, replace: ['Claire', name] }));
  const results = await Promise.all(calls);
  for (const [index, result] of results.entries()) {
    const stream = bot.streams.find((one) => one.messages[1]?.streamSid === result.streamSid);
    expect(stream?.heard[0]).toBe(SAID[0]?.replace('Claire', names[index] ?? ''));
  }
});
