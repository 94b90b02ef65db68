import type OpenAI from 'openai';
import { encodeMulaw } from '../../../line/mulaw.ts';
import { ProviderError } from '../../domain/errors.ts';
import type { Synthesizer } from '../../domain/ports.ts';
import { createDownsampler } from './downsample.ts';
import { toProviderError } from './errors.ts';

/** Text to speech by any `/audio/speech` server: PCM16 at 24 kHz, streamed, brought down to the line's µ-law at 8 kHz. */
export function createSynthesizer(client: OpenAI, model: string, voice: string): Synthesizer {
  return {
    async *speak({ text, signal }) {
      try {
        const response = await client.audio.speech.create(
          { model, voice, input: text, response_format: 'pcm' },
          { signal },
        );
        const type = response.headers.get('content-type') ?? '';
        if (/json|html|text\//.test(type)) throw new ProviderError('parsing', 'the answer is not audio');
        const downsampler = createDownsampler();
        let bytes = 0;
        for await (const chunk of response.body ?? []) {
          bytes += chunk.length;
          const samples = downsampler.push(chunk);
          if (samples.length > 0) yield encodeMulaw(samples);
        }
        if (bytes === 0) throw new ProviderError('api', 'the voice sent no audio');
      } catch (error) {
        throw toProviderError(error, signal);
      }
    },
  };
}
