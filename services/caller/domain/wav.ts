import { encodeMulaw } from '../../line/mulaw.ts';

const FORMAT_PCM = 1;
const FORMAT_MULAW = 7;
const RATE_HZ = 8000;

type WavFormat = { readonly code: number; readonly channels: number; readonly rateHz: number; readonly bits: number };

/**
 * The sound of a WAV file as µ-law at 8 kHz, or null for what the simulated line cannot play: it takes mono µ-law at 8 kHz, and mono 16-bit PCM
 * at 8 kHz or a whole multiple of it (each sample of the line is the mean of those it stands for).
 */
export function parseWav(bytes: Uint8Array): Uint8Array | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || readTag(bytes, 0) !== 'RIFF' || readTag(bytes, 8) !== 'WAVE') return null;
  let format: WavFormat | null = null;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at + 4, true);
    const start = at + 8;
    const end = Math.min(start + length, bytes.length);
    const tag = readTag(bytes, at);
    if (tag === 'fmt ' && end - start >= 16) format = readFormat(view, start);
    if (tag === 'data') return format ? convert(bytes.subarray(start, end), format) : null;
    // Chunks begin at even places.
    at = start + length + (length % 2);
  }
  return null;
}

function readFormat(view: DataView, at: number): WavFormat {
  return {
    code: view.getUint16(at, true),
    channels: view.getUint16(at + 2, true),
    rateHz: view.getUint32(at + 4, true),
    bits: view.getUint16(at + 14, true),
  };
}

function convert(data: Uint8Array, { code, channels, rateHz, bits }: WavFormat): Uint8Array | null {
  if (channels !== 1 || rateHz % RATE_HZ !== 0 || rateHz === 0) return null;
  if (code === FORMAT_MULAW && rateHz === RATE_HZ) return data;
  if (code !== FORMAT_PCM || bits !== 16) return null;
  const step = rateHz / RATE_HZ;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const length = Math.floor(data.length / 2 / step);
  const mean = (index: number) => {
    let sum = 0;
    for (let at = step * index; at < step * (index + 1); at += 1) sum += view.getInt16(2 * at, true);
    return Math.round(sum / step);
  };
  return encodeMulaw(Int16Array.from({ length }, (_, index) => mean(index)));
}

function readTag(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
