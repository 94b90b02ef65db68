import type OpenAI from 'openai';
import { toFile } from 'openai';
import type { Transcriber } from '../../domain/ports.ts';
import { toProviderError } from './errors.ts';

const SAMPLE_RATE_HZ = 8000;
const WAV_HEADER_BYTES = 44;

/** Speech to text by `/audio/transcriptions`: one WAV file an utterance. */
export function createTranscriber(client: OpenAI, model: string): Transcriber {
  return {
    async transcribe({ samples, language, signal }) {
      try {
        const file = await toFile(encodeWav(samples), 'utterance.wav', { type: 'audio/wav' });
        const answer = await client.audio.transcriptions.create(
          { file, model, language, response_format: 'json' },
          { signal },
        );
        return answer.text.trim();
      } catch (error) {
        throw toProviderError(error, signal);
      }
    },
  };
}

/** PCM16, 8 kHz, mono in a RIFF container: raw µ-law is not accepted by the API. */
function encodeWav(samples: Int16Array): Buffer {
  const data = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const header = Buffer.alloc(WAV_HEADER_BYTES);
  header.write('RIFF', 0);
  header.writeUInt32LE(WAV_HEADER_BYTES - 8 + data.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(SAMPLE_RATE_HZ, 24);
  header.writeUInt32LE(SAMPLE_RATE_HZ * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}
