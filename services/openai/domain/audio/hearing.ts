import { demodulate } from '../../../line/modem.ts';
import { createBadRequest } from '../api-error.ts';
import { resample } from './resample.ts';
import { parseWav } from './wav.ts';

/** What was heard in a file. `durationMs` = length of the audio; `confidence` 0 to 1. */
export type Hearing = { readonly text: string; readonly durationMs: number; readonly confidence: number };

const LINE_RATE_HZ = 8_000;
const SHORTEST_MS = 100;

/** The vendor's list of file kinds, by the extension of the file's name. */
const FORMATS = ['flac', 'm4a', 'mp3', 'mp4', 'mpeg', 'mpga', 'oga', 'ogg', 'wav', 'webm'];

function checkFormat(fileName: string): void {
  const extension = /\.([^.]+)$/u.exec(fileName)?.[1]?.toLowerCase() ?? '';
  if (!FORMATS.includes(extension))
    throw createBadRequest(
      `Invalid file format. Supported formats: [${FORMATS.map((format) => `'${format}'`).join(', ')}]`,
      'file',
    );
  if (extension !== 'wav')
    throw createBadRequest(`This stand-in decodes WAV (PCM16) only, not '${extension}'.`, 'file', 'unsupported_format');
}

/** Reads a WAV file of the acoustic line and says what the caller's voice said in it: '' for silence or noise. @throws ApiError 400 as the vendor refuses a file. */
export function hear(fileName: string, bytes: Uint8Array): Hearing {
  checkFormat(fileName);
  const { samples, sampleRateHz } = parseWav(bytes);
  const durationMs = (samples.length * 1_000) / sampleRateHz;
  if (durationMs < SHORTEST_MS)
    throw createBadRequest('Audio file is too short. Minimum audio length is 0.1 seconds.', 'file', 'audio_too_short');
  const { text, confidence } = demodulate(resample(samples, sampleRateHz, LINE_RATE_HZ), { voice: 'caller' });
  return { text: text.trim(), durationMs, confidence };
}
