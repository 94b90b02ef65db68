import { parseXml } from '../../../services/caller/adapters/twiml-xml.ts';
import type { CallEvent } from '../../../services/caller/domain/call-result.ts';
import { TwilioFault } from '../../../services/caller/domain/fault.ts';
import { placeCall, startCall } from '../../../services/caller/domain/place-call.ts';
import type { LineDeps, MediaSocketEvents, SendForm } from '../../../services/caller/domain/ports.ts';
import { scriptSchema } from '../../../services/caller/domain/script.ts';
import { modulate } from '../../../services/line/modem.ts';
import { createFakeClock } from '../../helpers/fake-clock.ts';

const SCRIPT = {
  ...scriptSchema.parse({ description: 'd', language: 'fr', from: '+33199001234', steps: [], maxWaitMs: 4000 }),
  name: 'quiet',
};
const OPTIONS = { webhookUrl: 'http://bot.example/voice', script: SCRIPT, to: '+33199000100' };
const document = (inside: string) => ({
  status: 200,
  contentType: 'text/xml; charset=utf-8',
  body: new TextEncoder().encode(`<Response>${inside}</Response>`),
});

/** A WAV file of the modem's voice, PCM16. */
function createWav(text: string, rateHz: number): Uint8Array {
  const step = rateHz / 8000;
  const pcm = modulate(text, { voice: 'agent' });
  const samples = Int16Array.from({ length: pcm.length * step }, (_, index) => pcm[Math.floor(index / step)] ?? 0);
  const head = Buffer.alloc(44);
  head.write('RIFF');
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rateHz, 24);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples.byteLength, 40);
  return new Uint8Array(Buffer.concat([head, Buffer.from(samples.buffer)]));
}

/** A line whose other end is the test: no socket, no server, no real time. */
function createDeps(sendForm: SendForm, more: Partial<LineDeps> = {}) {
  const clock = createFakeClock();
  const deps: LineDeps = {
    clock,
    random: () => 0.5,
    today: () => new Date('2026-11-21T10:00:00Z'),
    accountSid: 'AC1',
    sendForm,
    openMediaSocket: () => Promise.reject(new TwilioFault(31902, 'nobody there')),
    parseXml,
    lookUps: { findCall: async () => null, findRecord: async () => null },
    ...more,
  };
  return { clock, deps };
}

test('a call is its document played to its end', async () => {
  const { clock, deps } = createDeps(async () => document('<Pause length="1"/><Say>Non</Say>'));
  const result = placeCall(OPTIONS, deps);
  await clock.advance(10_000);
  expect(await result).toMatchObject({
    callSid: `CA${'8'.repeat(32)}`,
    end: { by: 'bot' },
    durationMs: 1000 + 5 * 40 + 20,
    greeting: 'Non',
    turns: [],
  });
});

test('a bot that cannot be reached is asked once more with the same token', async () => {
  const tokens: string[] = [];
  const { clock, deps } = createDeps(async ({ idempotencyToken }) => {
    tokens.push(idempotencyToken);
    if (tokens.length === 1) throw new TwilioFault(11205, 'no connection');
    return document('<Hangup/>');
  });
  const result = placeCall(OPTIONS, deps);
  await clock.advance(100);
  expect((await result).end).toEqual({ by: 'bot' });
  expect(tokens).toHaveLength(2);
  expect(tokens[0]).toBe(tokens[1]);
});

test('an answer that is wrong is not asked for again', async () => {
  let asked = 0;
  const { clock, deps } = createDeps(async () => {
    asked += 1;
    return { ...document(''), status: 503 };
  });
  const result = placeCall(OPTIONS, deps);
  await clock.advance(100);
  expect((await result).end).toEqual({ by: 'twilio', errorCode: 11200 });
  expect(asked).toBe(1);
});

test('a bot that does not answer is given up after 15 s', async () => {
  const { clock, deps } = createDeps(
    ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  );
  const result = placeCall(OPTIONS, deps);
  await clock.advance(14_999);
  expect(await Promise.race([result, 'waiting'])).toBe('waiting');
  await clock.advance(1);
  expect((await result).end).toEqual({ by: 'twilio', errorCode: 11200 });
});

test('a media stream that does not open is given up after 5 s, and the document goes on', async () => {
  const { clock, deps } = createDeps(
    async () => document('<Connect><Stream url="wss://bot.example/media"/></Connect><Say>Pardon</Say>'),
    {
      openMediaSocket: (_url, _events, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    },
  );
  const result = placeCall({ ...OPTIONS, script: { ...SCRIPT, maxWaitMs: 60_000 } }, deps);
  await clock.advance(10_000);
  expect(await result).toMatchObject({ greeting: 'Pardon', end: { by: 'twilio', errorCode: 31901 } });
  expect((await result).durationMs).toBe(5000 + 8 * 40);
});

test('hanging up ends whatever the line is doing, once, and stops the stream', async () => {
  const sent: string[] = [];
  let events: MediaSocketEvents | undefined;
  let closed = 0;
  const { clock, deps } = createDeps(
    async () => document('<Connect><Stream url="wss://bot.example/media"/></Connect><Pause length="60"/>'),
    {
      openMediaSocket: async (_url, given) => {
        events = given;
        return {
          send: (text) => sent.push(JSON.parse(text).event),
          close: () => (closed += 1),
          destroy: () => undefined,
        };
      },
    },
  );
  const told: CallEvent[] = [];
  const call = startCall({ ...OPTIONS, onEvent: (event) => told.push(event) }, deps);
  await clock.advance(100);
  call.hangUp('caller');
  call.hangUp('bot');
  await clock.advance(100);
  events?.onClose(1000);
  expect(await call.result).toMatchObject({ end: { by: 'caller' } });
  expect(sent.slice(0, 3)).toEqual(['connected', 'start', 'media']);
  expect(sent.filter((event) => event === 'stop')).toHaveLength(1);
  expect(sent.at(-1)).toBe('stop');
  expect(closed).toBe(1);
  expect(told.filter((event) => event.type === 'ended')).toHaveLength(1);
});

test('Play plays the WAV file that its address, read against the document, gives', async () => {
  const asked: string[] = [];
  const { clock, deps } = createDeps(async ({ url, method }) => {
    asked.push(`${method} ${url}`);
    if (url.endsWith('.wav')) return { status: 200, contentType: 'audio/wav', body: createWav('Bienvenue', 24_000) };
    return document('<Play>/hello.wav</Play>');
  });
  const result = placeCall(OPTIONS, deps);
  await clock.advance(5000);
  expect(await result).toMatchObject({ greeting: 'Bienvenue', warnings: [], end: { by: 'bot' } });
  expect(asked).toEqual(['POST http://bot.example/voice', 'GET http://bot.example/hello.wav']);
});

test('a file that is no WAV is a second of silence and a note, one that is missing ends the call', async () => {
  const answers = [document('<Play>/a.mp3</Play><Play>/b.wav</Play>'), document(''), { ...document(''), status: 404 }];
  const { clock, deps } = createDeps(async () => answers.shift() ?? document(''));
  const result = placeCall(OPTIONS, deps);
  await clock.advance(5000);
  expect(await result).toMatchObject({ warnings: [{ code: 0 }], end: { by: 'twilio', errorCode: 11200 } });
  expect((await result).durationMs).toBeGreaterThanOrEqual(1000);
});

test('hanging up does not wait for what the document still wanted to play', async () => {
  const { clock, deps } = createDeps(async () => document('<Pause length="60"/>'));
  const call = startCall({ ...OPTIONS, script: { ...SCRIPT, maxWaitMs: 600_000 } }, deps);
  await clock.advance(1000);
  call.hangUp('caller');
  await clock.advance(0);
  expect(await Promise.race([call.result, 'waiting'])).toMatchObject({ end: { by: 'caller' }, durationMs: 1000 });
});

test('the status callback says how long the call was, and in which state it ended', async () => {
  const forms: Record<string, string>[] = [];
  const { clock, deps } = createDeps(async ({ url, params }) => {
    if (!url.endsWith('/status')) return document('<Reject reason="busy"/>');
    forms.push(params);
    return { ...document(''), status: 204 };
  });
  const result = placeCall({ ...OPTIONS, statusCallbackUrl: 'http://bot.example/status' }, deps);
  await clock.advance(100);
  await result;
  expect(forms).toMatchObject([
    { CallStatus: 'busy', CallDuration: '0', SequenceNumber: '0', Timestamp: 'Sat, 21 Nov 2026 10:00:00 +0000' },
  ]);
});
