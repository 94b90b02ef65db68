import { createMediaStream } from '../../../services/caller/domain/media-stream.ts';

const IDS = { accountSid: 'AC1', callSid: 'CA1', streamSid: 'MZ1' };
const SILENCE = new Uint8Array(160).fill(0xff);

function open() {
  const sent: Record<string, unknown>[] = [];
  const warnings: number[] = [];
  const stream = createMediaStream({
    ...IDS,
    parameters: { token: 'abc' },
    send: (message) => sent.push(JSON.parse(message)),
    onWarning: (code) => warnings.push(code),
  });
  return { sent, warnings, stream };
}

const media = (bytes: Uint8Array, streamSid = 'MZ1') =>
  JSON.stringify({ event: 'media', streamSid, media: { payload: Buffer.from(bytes).toString('base64') } });

test('begins with connected and start, as Twilio writes them', () => {
  const { sent, stream } = open();
  stream.start();
  expect(sent).toEqual([
    { event: 'connected', protocol: 'Call', version: '1.0.0' },
    {
      event: 'start',
      sequenceNumber: '1',
      streamSid: 'MZ1',
      start: {
        ...IDS,
        tracks: ['inbound'],
        mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
        customParameters: { token: 'abc' },
      },
    },
  ]);
});

test('numbers of media are strings that count on, the timestamp in milliseconds of the stream', () => {
  const { sent, stream } = open();
  stream.start();
  stream.tick(SILENCE);
  stream.tick(new Uint8Array(160).fill(3));
  expect(sent[3]).toEqual({
    event: 'media',
    sequenceNumber: '3',
    streamSid: 'MZ1',
    media: { track: 'inbound', chunk: '2', timestamp: '20', payload: Buffer.alloc(160, 3).toString('base64') },
  });
});

test('plays what the bot sends and echoes its mark after it', () => {
  const { sent, stream } = open();
  stream.receive(media(new Uint8Array(160).fill(7)));
  stream.receive(JSON.stringify({ event: 'mark', streamSid: 'MZ1', mark: { name: 'm1' } }));
  expect(stream.tick(SILENCE)?.[0]).toBe(7);
  expect(sent.some((message) => message.event === 'mark')).toBe(false);
  expect(stream.tick(SILENCE)).toBeUndefined();
  expect(sent.find((message) => message.event === 'mark')).toMatchObject({ streamSid: 'MZ1', mark: { name: 'm1' } });
});

test.each([
  ['not JSON', 'nonsense', 31951],
  ['an unknown event', '{"event":"pause","streamSid":"MZ1"}', 31951],
  ['a missing mark object', '{"event":"mark","streamSid":"MZ1"}', 31951],
  ['a field too many', '{"event":"clear","streamSid":"MZ1","name":"x"}', 31951],
  ['a payload that is not base64', '{"event":"media","streamSid":"MZ1","media":{"payload":"***"}}', 31951],
  ['stream_sid in place of streamSid', '{"event":"clear","stream_sid":"MZ1"}', 31951],
  ['the wrong stream', media(SILENCE, 'MZ2'), 31951],
  ['a binary message', new Uint8Array([1, 2]), 31950],
])('%s is refused with a warning that comes once', (_name, message, code) => {
  const { warnings, stream } = open();
  stream.receive(message);
  stream.receive(message);
  expect(warnings).toEqual([code]);
  expect(stream.tick(SILENCE)).toBeUndefined();
});

test('more than ten minutes of waiting audio are discarded with one warning', () => {
  const { warnings, stream } = open();
  const minute = media(new Uint8Array(60 * 8000));
  for (let count = 0; count < 12; count += 1) stream.receive(minute);
  expect(warnings).toEqual([31931]);
});

test('keys and the end of the stream are told in Twilio’s form', () => {
  const { sent, stream } = open();
  stream.dtmf('5');
  stream.stop();
  expect(sent).toEqual([
    { event: 'dtmf', sequenceNumber: '1', streamSid: 'MZ1', dtmf: { track: 'inbound_track', digit: '5' } },
    { event: 'stop', sequenceNumber: '2', streamSid: 'MZ1', stop: { accountSid: 'AC1', callSid: 'CA1' } },
  ]);
});
