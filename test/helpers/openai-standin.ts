import OpenAI from 'openai';
import { modulate } from '../../services/line/modem.ts';
import { resample } from '../../services/openai/domain/audio/resample.ts';
import { createWavHeader } from '../../services/openai/domain/audio/wav.ts';
import { type RunningStandin, startStandin } from '../../services/openai/start.ts';

export type Harness = {
  readonly standin: RunningStandin;
  readonly client: OpenAI;
  control(order: unknown): Promise<{ status: number; body: unknown }>;
};

/** A stand-in without latencies on a free port, and the real client against it. */
export async function openHarness(profile: 'instant' | 'healthy' = 'instant', seed = 1): Promise<Harness> {
  const standin = await startStandin({ port: 0, seed, profile, speed: 1 });
  const client = new OpenAI({ baseURL: `${standin.url}/v1`, apiKey: 'any', maxRetries: 0, logLevel: 'off' });
  return {
    standin,
    client,
    async control(order) {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${standin.url}/control`, { method: 'POST', headers, body: JSON.stringify(order) });
      return { status: answer.status, body: await answer.json() };
    },
  };
}

/** A WAV file of PCM16 samples. */
export function wavFile(samples: Int16Array<ArrayBuffer>, sampleRateHz = 8_000, name = 'utterance.wav'): File {
  const header = new Uint8Array(createWavHeader(sampleRateHz, samples.byteLength));
  return new File([header, samples], name, { type: 'audio/wav' });
}

/** The caller's voice saying `text`, as a WAV file. */
export function spoken(text: string, sampleRateHz = 8_000): File {
  return wavFile(new Int16Array(resample(modulate(text, { voice: 'caller' }), 8_000, sampleRateHz)), sampleRateHz);
}
