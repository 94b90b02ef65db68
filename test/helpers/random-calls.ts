import { modulate } from '../../services/line/modem.ts';
import { encodeMulaw } from '../../services/line/mulaw.ts';
import type { TestBot } from './test-bot.ts';
import {
  mediaMessage,
  newCallSid,
  openStream,
  postForm,
  startMessage,
  type TestStream,
  tokenOf,
  voiceForm,
} from './twilio-signed.ts';

/** Ways in which a call can end, proper and not. */
export const ENDINGS = [
  'stop',
  'stop_without_close',
  'close_without_stop',
  'broken_socket',
  'silence',
  'nonsense',
  'second_start',
  'never_started',
  'binary',
] as const;
export type Ending = (typeof ENDINGS)[number];

/** One call: what is said when, and how it ends. Times are milliseconds of the line's clock. */
type Plan = {
  readonly ending: Ending;
  readonly endsAtMs: number;
  readonly speaksAtMs: number;
  readonly echoes: boolean;
};

const SPOKEN = encodeMulaw(modulate('Bonjour, un rendez-vous mardi.', { voice: 'caller' }));
const FRAME_BYTES = 160;
const FRAME_MS = 20;

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function planCall(random: () => number, longestMs: number): Plan {
  const ending = ENDINGS[Math.floor(random() * ENDINGS.length)] ?? 'stop';
  const endsAtMs = random() * longestMs;
  return { ending, endsAtMs, speaksAtMs: random() * endsAtMs, echoes: random() < 0.8 };
}

export type RandomCalls = {
  readonly count: number;
  readonly atOnce: number;
  readonly seed: number;
  /** Of the bot and therefore of the line. */
  readonly speed: number;
  readonly longestMs: number;
  readonly onCall?: (done: number) => void;
};

/** Places calls that end at random points in random ways; resolves with how many ended how, when the bot has wrapped all up. */
export async function placeRandomCalls(running: TestBot, options: RandomCalls): Promise<Record<Ending, number>> {
  const random = createRandom(options.seed);
  const plans = Array.from({ length: options.count }, () => planCall(random, options.longestMs));
  const endings = Object.fromEntries(ENDINGS.map((ending) => [ending, 0])) as Record<Ending, number>;
  let next = 0;
  const worker = async () => {
    for (let plan = plans[next++]; plan; plan = plans[next++]) {
      await placeCall(running, plan, options.speed);
      endings[plan.ending] += 1;
      options.onCall?.(next);
    }
  };
  await Promise.all(Array.from({ length: options.atOnce }, worker));
  while (running.bot.calls.size > 0) await new Promise((resolve) => setImmediate(resolve));
  return endings;
}

async function placeCall(running: TestBot, plan: Plan, speed: number): Promise<void> {
  const callSid = newCallSid();
  const response = await postForm(`${running.bot.url}/voice`, voiceForm(callSid));
  const token = tokenOf(await response.text());
  const stream = await openStream(running.bot.url);
  if (plan.ending === 'never_started') return void stream.socket.terminate();
  stream.send(startMessage(stream.streamSid, callSid, token));
  if (plan.echoes) echoMarks(stream);
  await sendFrames(stream, plan, speed);
  endCall(stream, plan.ending, startMessage(stream.streamSid, callSid, token));
  await stream.closed;
}

/** Marks come back at once, as on a line that plays nothing. */
function echoMarks(stream: TestStream): void {
  stream.socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as { event: string; mark?: { name: string } };
    if (message.event === 'mark') stream.send({ event: 'mark', streamSid: stream.streamSid, mark: message.mark });
  });
}

/** The caller's 20 ms frames until the end of the plan, on the line's clock. */
function sendFrames(stream: TestStream, plan: Plan, speed: number): Promise<void> {
  const startedAt = performance.now();
  let sent = 0;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const due = Math.min(plan.endsAtMs, (performance.now() - startedAt) * speed);
      for (; sent * FRAME_MS <= due && stream.socket.readyState === stream.socket.OPEN; sent += 1) {
        stream.send(mediaMessage(stream.streamSid, sent, payloadAt(sent * FRAME_MS - plan.speaksAtMs)));
      }
      if (due < plan.endsAtMs && stream.socket.readyState === stream.socket.OPEN) return;
      clearInterval(timer);
      resolve();
    }, 10);
  });
}

function payloadAt(spokenMs: number): string | undefined {
  const from = Math.floor(spokenMs / FRAME_MS) * FRAME_BYTES;
  const frame = spokenMs < 0 ? undefined : SPOKEN.subarray(from, from + FRAME_BYTES);
  return frame?.length === FRAME_BYTES ? Buffer.from(frame).toString('base64') : undefined;
}

function endCall(stream: TestStream, ending: Ending, start: object): void {
  const { socket, streamSid } = stream;
  if (socket.readyState !== socket.OPEN) return;
  if (ending === 'stop' || ending === 'stop_without_close') stream.send({ event: 'stop', streamSid, stop: {} });
  if (ending === 'stop' || ending === 'close_without_stop') socket.close(1000);
  if (ending === 'broken_socket') socket.terminate();
  if (ending === 'binary') socket.send(Buffer.from([1, 2, 3]));
  if (ending === 'nonsense') for (let sent = 0; sent < 25; sent += 1) stream.send('{"event":');
  if (ending === 'second_start') {
    stream.send(start);
    socket.close(1001);
  }
}
