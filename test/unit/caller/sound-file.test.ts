import { readSound } from '../../../services/caller/domain/sound-file.ts';

const url = 'http://bot.example/hello';
const bytes = (...values: number[]) => Uint8Array.from(values);
/** An MP3 of that many bytes whose first frame says 128 kbit/s (MPEG 1) or 64 kbit/s (MPEG 2). */
const mp3 = (version: 1 | 2, length: number) => {
  const body = new Uint8Array(length);
  body.set(version === 1 ? [0xff, 0xfb, 0x90] : [0xff, 0xf3, 0x80]);
  return body;
};

test.each([
  ['the type', { url, contentType: 'audio/basic; rate=8000' }],
  ['the name', { url: `${url}.ulaw?v=1`, contentType: 'application/octet-stream' }],
])('bare µ-law is known by %s and played as it is', (_how, file) => {
  expect(readSound({ ...file, body: bytes(1, 2, 3) })).toEqual({ bytes: bytes(1, 2, 3) });
});

test.each([
  [1, 16_000, 1000],
  [2, 16_000, 2000],
] as const)('an MP3 of MPEG %i is silence as long as it is', (version, length, durationMs) => {
  expect(readSound({ url, contentType: 'audio/mpeg', body: mp3(version, length) })).toEqual({ durationMs });
});

test('a tag before an MP3 does not count', () => {
  const tag = bytes(...Buffer.from('ID3'), 3, 0, 0, 0, 0, 1, 2);
  const body = Buffer.concat([tag, new Uint8Array(130), mp3(1, 16_000)]);
  expect(readSound({ url, contentType: '', body })).toEqual({ durationMs: 1000 });
});

test('nobody knows how long anything else is', () => {
  expect(readSound({ url, contentType: 'audio/ogg', body: bytes(...Buffer.from('OggS')) })).toBeNull();
  expect(readSound({ url, contentType: 'audio/mpeg', body: bytes() })).toBeNull();
});
