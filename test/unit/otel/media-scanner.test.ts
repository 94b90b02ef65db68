import fc from 'fast-check';
import { MediaScanner } from '../../../otel/src/media/media-scanner.ts';
import { readStreamMessage } from '../../../otel/src/media/messages.ts';

const STREAM = `MZ${'a'.repeat(32)}`;
const scanner = new MediaScanner(STREAM);

const twilioMessage = (audio: Uint8Array, number = 7) =>
  JSON.stringify({
    event: 'media',
    sequenceNumber: `${number}`,
    media: {
      track: 'inbound',
      chunk: '6',
      timestamp: `${number * 20}`,
      payload: Buffer.from(audio).toString('base64'),
    },
    streamSid: STREAM,
  });

/** What the scanner says of a message, in the parser's words. */
function scanned(text: string) {
  const asBytes = scanner.read(Buffer.from(text));
  const fromBytes = asBytes && { ...figures(), audio: Buffer.from(scanner.audio) };
  const asText = scanner.readText(text);
  expect(asText).toBe(asBytes);
  return fromBytes || undefined;
}

function figures() {
  const { sequence, timestampMs, isInbound, isForeign } = scanner;
  return { sequence, timestampMs, isInbound, isForeign };
}

function parsed(text: string) {
  const message = readStreamMessage(text);
  if (message?.event !== 'media') return undefined;
  const { sequence, timestampMs, isInbound, streamSid } = message;
  const isForeign = streamSid !== undefined && streamSid !== STREAM;
  return { sequence, timestampMs, isInbound, isForeign, audio: Buffer.from(message.payload, 'base64') };
}

test('a frame as Twilio sends it is read without a parser', () => {
  const audio = Uint8Array.from({ length: 160 }, (_, index) => index);
  expect(scanned(twilioMessage(audio))).toEqual({
    sequence: 7,
    timestampMs: 140,
    isInbound: true,
    isForeign: false,
    audio: Buffer.from(audio),
  });
});

test('a frame as a bot sends it has neither number nor time', () => {
  const text = JSON.stringify({ event: 'media', streamSid: STREAM, media: { payload: 'fn5+' } });
  expect(scanned(text)).toEqual({
    sequence: Number.NaN,
    timestampMs: Number.NaN,
    isInbound: true,
    isForeign: false,
    audio: Buffer.from('fn5+', 'base64'),
  });
});

test('audio of any length comes out byte for byte, padded or not', () => {
  for (let length = 1; length <= 700; length += 1) {
    const audio = Uint8Array.from({ length }, (_, index) => (index * 37 + length) & 0xff);
    const text = twilioMessage(audio);
    expect(scanned(text)?.audio).toEqual(Buffer.from(audio));
    expect(scanned(text.replace(/=+"/, '"'))?.audio).toEqual(Buffer.from(audio));
  }
});

test.each([
  ['a mark', `{"event":"mark","streamSid":"${STREAM}","mark":{"name":"x"}}`],
  ['white space', '{"event": "media","media":{"payload":"fn5+"}}'],
  ['an escape', '{"event":"media","media":{"payload":"fn5+","track":"in\\u0062ound"}}'],
  ['audio that is not base64', '{"event":"media","media":{"payload":"fn 5+"}}'],
  ['no audio', '{"event":"media","media":{"payload":""}}'],
  ['a fraction', '{"event":"media","media":{"timestamp":12.5,"payload":"fn5+"}}'],
  ['two media', '{"event":"media","media":{"payload":"fn5+"},"media":{"payload":"AAAA"}}'],
  ['something after it', '{"event":"media","media":{"payload":"fn5+"}} '],
  ['half a message', '{"event":"media","media":{"payload":"fn5+'],
  ['nothing', ''],
])('%s is left to the parser', (_what, text) => {
  expect(scanned(text)).toBeUndefined();
});

test('a message of another stream, and one of the other direction, are told', () => {
  const text = twilioMessage(new Uint8Array(160));
  expect(scanned(text.replace(STREAM, `MZ${'b'.repeat(32)}`))?.isForeign).toBe(true);
  expect(scanned(text.replace('"inbound"', '"outbound"'))?.isInbound).toBe(false);
});

test('whatever is read is what a parser reads', () => {
  const word = fc.constantFrom(
    'media',
    'mark',
    'inbound',
    'outbound',
    STREAM,
    'MZ1',
    '12',
    '007',
    '',
    'é"\\',
    'fn5+',
    'fn5=',
    'fg==',
  );
  const value = fc.oneof(word, fc.nat(), fc.double(), fc.boolean(), fc.constant(null), fc.constant({}));
  const key = fc.constantFrom(
    'event',
    'media',
    'sequenceNumber',
    'streamSid',
    'track',
    'timestamp',
    'payload',
    'chunk',
    'x',
  );
  const inner = fc.dictionary(key, value);
  const message = fc.dictionary(key, fc.oneof({ weight: 3, arbitrary: value }, { weight: 2, arbitrary: inner }));
  const likely = fc
    .record({ event: fc.constant('media'), media: inner, more: message })
    .map(({ event, media, more }) => ({
      ...more,
      event,
      media: { ...media, payload: 'fn5+' },
    }));
  fc.assert(
    fc.property(fc.oneof(message, likely), fc.boolean(), (fields, isCut) => {
      const whole = JSON.stringify(fields);
      const text = isCut ? whole.slice(0, -1) : whole;
      const read = scanned(text);
      if (read) expect(read).toEqual(parsed(text));
    }),
    { numRuns: 20_000 },
  );
});

test('messages beyond its buffer are left to the parser', () => {
  expect(scanned(twilioMessage(new Uint8Array(9000)))).toBeUndefined();
});
