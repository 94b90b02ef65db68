import { createBadRequest } from '../api-error.ts';

/** Mono PCM16 of a file and its rate. */
export type Pcm = { readonly samples: Int16Array; readonly sampleRateHz: number };

type Format = { tag: number; channels: number; sampleRateHz: number; bitsPerSample: number };

const FORMAT_PCM = 1;
const FORMAT_EXTENSIBLE = 0xfffe;

function createDecodeError(): ReturnType<typeof createBadRequest> {
  return createBadRequest('Audio file might be corrupted or unsupported', 'file', 'invalid_value');
}

function chunkName(view: DataView, offset: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((index) => view.getUint8(offset + index)));
}

function readFormat(view: DataView, offset: number, length: number): Format {
  if (length < 16) throw createDecodeError();
  const tag = view.getUint16(offset, true);
  return {
    tag: tag === FORMAT_EXTENSIBLE && length >= 26 ? view.getUint16(offset + 24, true) : tag,
    channels: view.getUint16(offset + 2, true),
    sampleRateHz: view.getUint32(offset + 4, true),
    bitsPerSample: view.getUint16(offset + 14, true),
  };
}

function readSamples(view: DataView, offset: number, length: number, channels: number): Int16Array {
  const samples = new Int16Array(Math.floor(length / (2 * channels)));
  for (let index = 0; index < samples.length; index += 1) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1)
      sum += view.getInt16(offset + 2 * (index * channels + channel), true);
    samples[index] = Math.round(sum / channels);
  }
  return samples;
}

/** Mono PCM16 of a RIFF/WAVE file (16 bit, any rate of 8 to 48 kHz; channels are averaged). @throws ApiError 400 for anything else, µ-law (format tag 7) too. */
export function parseWav(bytes: Uint8Array): Pcm {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || chunkName(view, 0) !== 'RIFF' || chunkName(view, 8) !== 'WAVE') throw createDecodeError();
  let format: Format | null = null;
  for (let offset = 12; offset + 8 <= bytes.length; ) {
    const name = chunkName(view, offset);
    const start = offset + 8;
    // A writer that streams leaves 0xffffffff as the length: what is there counts.
    const length = Math.min(view.getUint32(offset + 4, true), bytes.length - start);
    if (name === 'fmt ') format = readFormat(view, start, length);
    if (name === 'data') {
      if (format?.tag !== FORMAT_PCM || format.bitsPerSample !== 16 || format.channels < 1) throw createDecodeError();
      if (format.sampleRateHz < 8_000 || format.sampleRateHz > 48_000) throw createDecodeError();
      return { samples: readSamples(view, start, length, format.channels), sampleRateHz: format.sampleRateHz };
    }
    offset = start + length + (length % 2);
  }
  throw createDecodeError();
}

/** The 44 bytes before mono PCM16 data; `dataLength` in bytes, 0xffffffff when not known yet (streamed, as the vendor does). */
export function createWavHeader(sampleRateHz: number, dataLength = 0xffff_ffff): Uint8Array {
  const header = new Uint8Array(44);
  const view = new DataView(header.buffer);
  header.set(new TextEncoder().encode('RIFF'), 0);
  view.setUint32(4, Math.min(0xffff_ffff, 36 + dataLength), true);
  header.set(new TextEncoder().encode('WAVEfmt '), 8);
  view.setUint32(16, 16, true);
  view.setUint16(20, FORMAT_PCM, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, sampleRateHz * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  header.set(new TextEncoder().encode('data'), 36);
  view.setUint32(40, dataLength, true);
  return header;
}
