import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { createCallspan, shutdownTelemetry, tapMediaStream } from 'callspan';
import type { WebSocket } from 'ws';
import { median } from './median.ts';

const VOICED = Buffer.alloc(160, 0x90).toString('base64');
const SILENT = Buffer.alloc(160, 0xff).toString('base64');
/** A turn: the caller speaks half a second, the bot answers half a second, and then there is silence. */
const FRAMES_A_TURN = 75;
const SPOKEN_FRAMES = 25;
/** The same turn with half a minute of silence. */
const FRAMES_A_LONG_TURN = 1575;
/** So many that the last measures, which are kept, are as many as they ever are. */
const WARM_TURNS = 1500;
const TURNS = 200;
const REPEATS = 3;
const SAME_BYTES = 20_000;
const CALLS = 60;
const TURNS_A_CALL = 40;

const callspan = createCallspan();
let calls = 0;

/** A call whose socket is spoken to without a network. */
function openCall() {
  const emitter = Object.assign(new EventEmitter(), {
    readyState: 1,
    OPEN: 1,
    send: () => undefined,
    ping: () => undefined,
  });
  const socket = emitter as unknown as WebSocket;
  socket.on('message', () => undefined);
  calls += 1;
  const call = callspan.startCall({ callSid: `CA${calls}`, streamSid: 'MZ1', accountSid: 'AC1' });
  tapMediaStream(callspan, call, socket);
  let frame = 0;
  let turn = 0;
  const hear = (payload: string) => {
    const media = { track: 'inbound', chunk: `${frame + 1}`, timestamp: `${frame * 20}`, payload };
    emitter.emit(
      'message',
      Buffer.from(JSON.stringify({ event: 'media', sequenceNumber: `${frame + 2}`, streamSid: 'MZ1', media })),
      false,
    );
    frame += 1;
  };
  return {
    liveTurn(frames = FRAMES_A_TURN) {
      turn += 1;
      const trace = call.startTurn(turn);
      for (let index = 0; index < frames; index += 1) {
        hear(index < SPOKEN_FRAMES ? VOICED : SILENT);
        if (index === SPOKEN_FRAMES) trace.committed();
        if (index >= SPOKEN_FRAMES && index < 2 * SPOKEN_FRAMES) {
          socket.send(JSON.stringify({ event: 'media', streamSid: 'MZ1', media: { payload: VOICED } }));
        }
      }
      trace.end('completed');
    },
    end: () => call.end({ reason: 'caller_hangup', outcome: 'no_record' }),
  };
}

/** Heap in use when everything that waited has left, and two looks a second apart find the same. */
async function heapInUse(): Promise<number> {
  let last = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 15; look += 1) {
    await delay(1000);
    for (let round = 0; round < 3; round += 1) globalThis.gc?.();
    const { heapUsed } = process.memoryUsage();
    if (Math.abs(heapUsed - last) < SAME_BYTES) return heapUsed;
    last = heapUsed;
  }
  return last;
}

async function live(turns: number, live: () => void): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    live();
    // The event loop of a bot turns between frames; exports leave.
    if (turn % 10 === 9) await delay(5);
  }
}

/** Turns keep what the call has to know of them; what the same number of longer turns keeps more is its frames'. */
async function keptInCall() {
  const call = openCall();
  await live(WARM_TURNS, () => call.liveTurn());
  const kept = async (frames: number) => {
    const before = await heapInUse();
    await live(TURNS, () => call.liveTurn(frames));
    return (await heapInUse()) - before;
  };
  const short: number[] = [];
  const long: number[] = [];
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    short.push(await kept(FRAMES_A_TURN));
    long.push(await kept(FRAMES_A_LONG_TURN));
  }
  call.end();
  const frames = TURNS * (FRAMES_A_LONG_TURN - FRAMES_A_TURN);
  // The heap can not be read more exactly than to whole bytes a frame.
  const bytesKeptPerFrame = Math.round((median(long) - median(short)) / frames) || 0;
  return { bytesKeptPerFrame, bytesKeptPerTurn: median(short) / TURNS, frames: frames * REPEATS };
}

async function keptOverCalls(): Promise<number> {
  const run = async () => {
    const call = openCall();
    await live(TURNS_A_CALL, () => call.liveTurn());
    call.end();
  };
  for (let index = 0; index < CALLS / 3; index += 1) await run();
  const before = await heapInUse();
  for (let index = 0; index < CALLS; index += 1) await run();
  return ((await heapInUse()) - before) / (CALLS * TURNS_A_CALL * FRAMES_A_TURN);
}

const bytesKeptPerFrameOverCalls = await keptOverCalls();
const kept = await keptInCall();
await shutdownTelemetry();
process.stdout.write(`${JSON.stringify({ ...kept, bytesKeptPerFrameOverCalls })}\n`);
process.exit(0);
