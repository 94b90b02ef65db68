import { modulate, modulatedDurationMs } from '../../../line/modem.ts';
import { decodeMulaw, encodeMulaw } from '../../../line/mulaw.ts';
import { createBadRequest } from '../api-error.ts';
import { resample } from '../audio/resample.ts';
import { generateSpeech, SPEECH_CHUNK_MS } from '../audio/speech.ts';

/** What travels in a session: G.711 µ-law at 8 kHz, or PCM16 little-endian at 24 kHz; mono. */
export type AudioFormat = 'audio/pcmu' | 'audio/pcm';

const LINE_RATE_HZ = 8_000;

/** Samples a second of each format. */
export const RATES_HZ: Readonly<Record<AudioFormat, number>> = { 'audio/pcmu': LINE_RATE_HZ, 'audio/pcm': 24_000 };

/** Bytes a second of each format. */
export const BYTES_PER_SECOND: Readonly<Record<AudioFormat, number>> = { 'audio/pcmu': 8_000, 'audio/pcm': 48_000 };

/** The samples of base64 audio. @throws ApiError 400 for what is no base64, or half a sample. */
export function decodeAudio(base64: string, format: AudioFormat): Int16Array {
  const bytes = Buffer.from(base64, 'base64');
  const isBase64 = base64.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/u.test(base64);
  if (!isBase64 || (format === 'audio/pcm' && bytes.length % 2 !== 0))
    throw createBadRequest(
      "Invalid 'audio'. Expected base64-encoded audio bytes in the session's input format.",
      'audio',
      'invalid_value',
    );
  if (format === 'audio/pcmu') return decodeMulaw(bytes);
  const samples = new Int16Array(bytes.length / 2);
  for (let index = 0; index < samples.length; index += 1) samples[index] = bytes.readInt16LE(index * 2);
  return samples;
}

/** Samples of a format at the rate of the acoustic line. */
export function toLineSamples(samples: Int16Array, format: AudioFormat): Int16Array {
  return resample(samples, RATES_HZ[format], LINE_RATE_HZ);
}

/** Milliseconds of audio in one delta. */
export const AUDIO_DELTA_MS = SPEECH_CHUNK_MS;

/** The agent's voice saying `text`, in parts of 100 ms, each made when it is asked for. */
export function generateAudio(text: string, format: AudioFormat): readonly (() => Uint8Array)[] {
  if (format === 'audio/pcm') return generateSpeech({ input: text, format: 'pcm', isSse: false });
  const bytes = encodeMulaw(modulate(text, { voice: 'agent' }));
  const size = (LINE_RATE_HZ * AUDIO_DELTA_MS) / 1_000;
  return Array.from(
    { length: Math.ceil(bytes.length / size) },
    (_, index) => () => bytes.subarray(index * size, (index + 1) * size),
  );
}

/** The letters of `text` that a listener has heard in whole after `heardMs` of its sound. */
export function takeHeard(text: string, heardMs: number): string {
  const frameMs = modulatedDurationMs('a') / 3;
  let heard = '';
  for (const letter of text) {
    // Without the sound of the end mark, which comes after the last letter.
    if (modulatedDurationMs(heard + letter) - frameMs > heardMs) return heard;
    heard += letter;
  }
  return heard;
}
