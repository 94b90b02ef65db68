import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { isAudible } from '../../services/caller/domain/audible.ts';
import type { CallResult } from '../../services/caller/domain/call-result.ts';
import { modulate } from '../../services/line/modem.ts';
import { decodeMulaw } from '../../services/line/mulaw.ts';
import { startTestCaller } from '../helpers/caller.ts';
import { type BotStream, connectTwiml, startScriptedBot } from '../helpers/scripted-bot.ts';

const REPLIES = [
  'Bonjour, que puis-je faire ?',
  'Où et à quel numéro ?',
  "Donc mardi, c'est exact ?",
  'Noté, au revoir.',
];
const NAMES = ['jitter', 'loss', 'stall', 'reorder', 'duplicate', 'drift', 'late-mark', 'lost-mark'] as const;
type Name = (typeof NAMES)[number] | 'clean';
/** Often enough that no call is too short for two. */
const ORDERS: Partial<Record<Name, string>> = { stall: 'stall=400/2000' };

let caller: Awaited<ReturnType<typeof startTestCaller>>;
let bot: Awaited<ReturnType<typeof startScriptedBot>>;
const calls = new Map<Name, { result: CallResult; stream: BotStream }>();

beforeAll(async () => {
  caller = await startTestCaller({ speed: 4 });
  bot = await startScriptedBot({ replies: REPLIES });
  const order = { script: 'appointment-fr', webhook: `${bot.url}/voice`, seed: 3 };
  const place = async (name: Name) => {
    const result: CallResult = await caller.call({
      ...order,
      ...(name !== 'clean' && { faults: ORDERS[name] ?? name }),
    });
    const stream = bot.streams.find((one) => one.messages[1]?.streamSid === result.streamSid);
    if (!stream) throw new Error(`no stream of ${name}`);
    calls.set(name, { result, stream });
  };
  await Promise.all([place('clean'), ...NAMES.map(place)]);
}, 60_000);
afterAll(async () => {
  await caller.close();
  await bot.close();
});

function callOf(name: Name) {
  const call = calls.get(name);
  const report = call?.result.faults[0];
  if (!call || (name !== 'clean' && report?.name !== name)) throw new Error(`no call with ${name}`);
  return { ...call, report, media: call.stream.media.map(readFrame), marks: listMarks(call.stream) };
}

const readFrame = ({ sequenceNumber, media }: BotStream['media'][number]) => ({
  sequenceNumber: Number(sequenceNumber),
  chunk: Number(media.chunk),
  pcm: decodeMulaw(Buffer.from(media.payload, 'base64')),
});
const listMarks = (stream: BotStream) =>
  stream.messages.filter((one) => one.event === 'mark').map((one) => Number(one.sequenceNumber));

/** Positions just after each last voiced sample of the caller, as they can be read from what reached the bot. */
function readSpeechEnds(media: ReturnType<typeof readFrame>[]): number[] {
  const voiced = media.flatMap(({ chunk, pcm }) => {
    const last = pcm.findLastIndex(isAudible);
    return last < 0 ? [] : [(chunk - 1) * 160 + last + 1];
  });
  const sorted = voiced.toSorted((one, other) => one - other);
  return sorted.filter((end, at) => (sorted[at + 1] ?? Number.POSITIVE_INFINITY) - end > 3000);
}

test('without faults the result says so', () => {
  expect(callOf('clean').result).toMatchObject({ faults: [], seed: null, end: { by: 'bot' } });
});

test.each(['clean', 'jitter', 'stall', 'reorder', 'duplicate', 'drift', 'late-mark'] as const)(
  'the truth of each turn stands under %s: it is what frames and marks say when they are put in their order',
  (name) => {
    const { result, media, marks } = callOf(name);
    expect(result.turns).toHaveLength(3);
    expect(result.turns.map((turn) => turn.callerEndSample)).toEqual(readSpeechEnds(media));
    const lateFrames = name === 'late-mark' ? 15 : 0;
    const starts = marks.slice(1).map((mark, at) => {
      const pcm = modulate(REPLIES[at + 1] ?? '', { voice: 'agent' });
      const chunk = Math.max(...media.filter((one) => one.sequenceNumber < mark).map((one) => one.chunk)) - lateFrames;
      return (chunk - pcm.length / 160 + 1) * 160 + pcm.findIndex(isAudible);
    });
    expect(result.turns.map((turn) => turn.replyStartSample)).toEqual(starts);
    for (const { trueWaitMs, replyStartSample, callerEndSample } of result.turns)
      expect(trueWaitMs).toBe(((replyStartSample ?? 0) - (callerEndSample ?? 0)) / 8);
  },
);

test('jitter reaches the bot as late messages in their order', () => {
  const { media, stream, report } = callOf('jitter');
  expect(media.every((one, at) => at === 0 || one.sequenceNumber > (media[at - 1]?.sequenceNumber ?? 0))).toBe(true);
  expect(report?.count).toBeGreaterThanOrEqual(stream.media.length + stream.messages.length);
  expect(Number(report?.largestDelayMs)).toBeGreaterThan(70);
  expect(Number(report?.largestDelayMs)).toBeLessThanOrEqual(80);
});

test('the frames that the bot misses are those that the line lost', () => {
  const { media, report, result } = callOf('loss');
  const missing = (media.at(-1)?.chunk ?? 0) - media.length;
  expect(missing).toBeGreaterThan(5);
  // A frame may be lost while the bot's close is on its way.
  expect([0, 1]).toContain(Number(report?.count) - Number(report?.trailing) - missing);
  expect(result.turns).toHaveLength(3);
  expect(result.turns.every((turn) => (turn.trueWaitMs ?? 0) >= 400)).toBe(true);
  const sequence = [...media.map((one) => one.sequenceNumber), ...listMarks(callOf('loss').stream)];
  expect(new Set(sequence).size).toBe(Math.max(...sequence) - 1);
});

test('a stalled line holds messages of both sides', () => {
  const { report } = callOf('stall');
  expect(Number(report?.count)).toBeGreaterThan(1);
  expect(Number(report?.heldFromLine)).toBeGreaterThan(20);
  expect(Number(report?.largestDelayMs)).toBeLessThanOrEqual(400);
});

test('the bot sees as many swapped and repeated frames as the line made', () => {
  const swapped = callOf('reorder');
  const overtaken = swapped.media.filter(
    (one, at) => one.sequenceNumber > (swapped.media[at + 1]?.sequenceNumber ?? one.sequenceNumber),
  );
  expect(overtaken.length).toBeGreaterThan(5);
  expect(swapped.report?.count).toBe(overtaken.length);
  const doubled = callOf('duplicate');
  const seen = new Set(doubled.media.map((one) => one.sequenceNumber));
  expect(doubled.media.length - seen.size).toBeGreaterThan(5);
  expect(doubled.report?.count).toBe(doubled.media.length - seen.size);
});

test('a drifting line tells by how much its media ran ahead', () => {
  const { report, media } = callOf('drift');
  expect(Number(report?.count)).toBeGreaterThanOrEqual(media.length);
  expect(Number(report?.gainedMs)).toBeCloseTo((Number(report?.count) * 20 * 300) / 1_000_300, 1);
});

test('marks that are lost never come, the others do', () => {
  const { marks, report, result } = callOf('lost-mark');
  expect(Number(report?.count)).toBeGreaterThan(0);
  expect(marks).toHaveLength(Number(report?.marks) - Number(report?.count));
  expect(result.turns.map((turn) => turn.heardFromBot)).toEqual(REPLIES.slice(1));
});

/** A media address that keeps what it got and how it was closed. */
async function listenTo(faults: string) {
  const events: string[] = [];
  const closed = Promise.withResolvers<number>();
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket) => {
    socket.on('message', (data) => events.push(JSON.parse(String(data)).event));
    socket.on('close', closed.resolve);
  });
  await once(server, 'listening');
  const mediaUrl = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/media`;
  const answering = await startScriptedBot({ answer: () => ({ body: connectTwiml(mediaUrl) }) });
  const webhook = `${answering.url}/voice`;
  const result: CallResult = await caller.call({ script: 'silent-caller', webhook, faults });
  const closeCode = await closed.promise;
  server.close();
  await answering.close();
  return { events, closeCode, result };
}

test('a line that breaks is a close without a frame for the bot, and Twilio’s error 31903', async () => {
  const { events, closeCode, result } = await listenTo('abnormal-close');
  expect(closeCode).toBe(1006);
  expect(events.at(-1)).toBe('media');
  expect(result).toMatchObject({
    end: { by: 'twilio', errorCode: 31903, closeCode: 1006 },
    faults: [{ name: 'abnormal-close', count: 1, atSample: expect.any(Number) }],
    seed: 1,
  });
});

test('a caller can go without stop: the bot sees a proper close only', async () => {
  const { events, closeCode, result } = await listenTo('no-stop');
  expect(closeCode).toBe(1000);
  expect(events.at(-1)).toBe('media');
  expect(result).toMatchObject({ end: { by: 'caller' }, faults: [{ name: 'no-stop', count: 1 }] });
});

test('a half-open line is silent with its socket open until the caller gives up', async () => {
  const { events, closeCode, result } = await listenTo('half-open=3000');
  const [report] = result.faults;
  const frames = events.filter((event) => event === 'media').length;
  expect(closeCode).toBe(1006);
  expect(events.at(-1)).toBe('media');
  expect(result.end).toEqual({ by: 'caller' });
  expect(report).toMatchObject({ name: 'half-open', count: 1, giveUpMs: 3000, atSample: frames * 160 });
  expect(result.durationMs).toBeGreaterThanOrEqual(frames * 20 + 3000);
});

test('a half-open line whose bot closes is over at once', async () => {
  let watchdog: NodeJS.Timeout | undefined;
  const watching = await startScriptedBot({
    onMessage(_message, stream) {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => stream.close(1001), 500);
    },
  });
  const webhook = `${watching.url}/voice`;
  const result: CallResult = await caller.call({ script: 'silent-caller', webhook, faults: 'half-open' });
  await watching.close();
  expect(result.end).toEqual({ by: 'caller', closeCode: 1001 });
  expect(result.faults).toMatchObject([{ name: 'half-open', count: 1 }]);
});

test('the line tells its faults, and refuses what is none before a call is placed', async () => {
  const known = await (await fetch(`${caller.url}/faults`)).json();
  expect(known.faults).toHaveLength(11);
  expect(known.faults[0]).toMatchObject({ name: 'jitter', does: expect.stringContaining('80 ms') });
  const response = await caller.post({ script: 'appointment-fr', faults: 'los=2' });
  expect(response.status).toBe(400);
  const { error } = await response.json();
  expect(error).toMatchObject({ code: 'invalid_request', message: expect.stringContaining('the nearest is loss') });
});
