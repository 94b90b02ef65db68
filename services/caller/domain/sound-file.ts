import { parseWav } from './wav.ts';

/** A file as its server gave it. */
export type SoundFile = { readonly url: string; readonly contentType: string; readonly body: Uint8Array };

/** What becomes of it: sound of the line (µ-law, 8 kHz), or only how long it would sound; null: nobody knows. */
export type LineSound = { readonly bytes: Uint8Array } | { readonly durationMs: number } | null;

/** WAV files and bare µ-law are sound; MP3 is not decoded, its length is read from its first frame. */
export function readSound({ url, contentType, body }: SoundFile): LineSound {
  const wav = parseWav(body);
  if (wav) return { bytes: wav };
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const isBareMulaw =
    type === 'audio/basic' || type === 'audio/x-mulaw' || /\.(ulaw|mulaw|ul)$/i.test(new URL(url).pathname);
  if (isBareMulaw) return { bytes: body };
  const durationMs = readMp3Duration(body);
  return durationMs === null ? null : { durationMs };
}

// Kilobits a second by index, layer III of MPEG 1 and of MPEG 2 and 2.5 (ISO/IEC 11172-3, 13818-3).
const MPEG_1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const MPEG_2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const LAYER_3 = 1;
const VERSION_1 = 3;

/** As if every frame had the first one's rate; an ID3v2 tag before it is passed over. */
function readMp3Duration(body: Uint8Array): number | null {
  const isTagged = String.fromCharCode(...body.subarray(0, 3)) === 'ID3';
  const start = isTagged ? 10 + body.subarray(6, 10).reduce((size, byte) => size * 128 + (byte & 0x7f), 0) : 0;
  const [sync = 0, version = 0, rate = 0] = body.subarray(start, start + 3);
  if (sync !== 0xff || (version & 0xe0) !== 0xe0 || ((version >> 1) & 3) !== LAYER_3) return null;
  const kilobits = (((version >> 3) & 3) === VERSION_1 ? MPEG_1 : MPEG_2)[rate >> 4] ?? 0;
  return kilobits === 0 ? null : Math.round((8 * (body.length - start)) / kilobits);
}
