import OpenAI from 'openai';
import { demodulate } from '../../services/line/modem.ts';
import { resample } from '../../services/openai/domain/audio/resample.ts';
import { parseWav } from '../../services/openai/domain/audio/wav.ts';
import { type Harness, openHarness } from '../helpers/openai-standin.ts';

const TEXT = "C'est noté, à mardi. Merci et au revoir !";
let harness: Harness;
beforeAll(async () => {
  harness = await openHarness();
});
afterAll(() => harness.standin.close());

const speak = (more: Partial<OpenAI.Audio.SpeechCreateParams> = {}) =>
  harness.client.audio.speech.create({
    model: 'gpt-4o-mini-tts',
    voice: 'marin',
    input: TEXT,
    response_format: 'pcm',
    ...more,
  });

function heard(bytes: Uint8Array): string {
  const samples = new Int16Array(bytes.slice().buffer);
  return demodulate(resample(samples, 24_000, 8_000), { voice: 'agent' }).text;
}

test('pcm is 24 kHz audio in which the agent says the input', async () => {
  const answer = await speak({ instructions: 'Speak slowly.', speed: 1 });
  expect(answer.headers.get('content-type')).toBe('audio/pcm');
  expect(heard(new Uint8Array(await answer.arrayBuffer()))).toBe(TEXT);
});

test('pcm taken at every third sample, as a small bot does, can be heard too', async () => {
  const samples = new Int16Array(await (await speak()).arrayBuffer());
  const third = Int16Array.from({ length: Math.floor(samples.length / 3) }, (_, index) => samples[index * 3] ?? 0);
  expect(demodulate(third, { voice: 'agent' }).text).toBe(TEXT);
});

test('wav has a header in front of the same audio', async () => {
  const answer = await speak({ response_format: 'wav', voice: { id: 'voice_1' } });
  const { samples, sampleRateHz } = parseWav(new Uint8Array(await answer.arrayBuffer()));
  expect(sampleRateHz).toBe(24_000);
  expect(demodulate(resample(samples, sampleRateHz, 8_000), { voice: 'agent' }).text).toBe(TEXT);
});

test('the event stream carries the same audio and ends with the usage', async () => {
  const answer = await speak({ stream_format: 'sse' });
  const events = (await answer.text())
    .split('\n\n')
    .filter(Boolean)
    .map((event) => JSON.parse(event.replace(/^data: /u, '')) as { type: string; audio?: string; usage?: unknown });
  const audio = Buffer.concat(events.flatMap((event) => (event.audio ? [Buffer.from(event.audio, 'base64')] : [])));
  expect(heard(audio)).toBe(TEXT);
  expect(events.at(-1)).toMatchObject({ type: 'speech.audio.done', usage: { total_tokens: expect.any(Number) } });
});

test.each([
  ['mp3', { response_format: 'mp3' }, "speaks 'pcm' (24 kHz, 16 bit, mono) and 'wav' only, not 'mp3'"],
  ['the default format, which is mp3', { response_format: undefined }, "not 'mp3'"],
  ['opus', { response_format: 'opus' }, "not 'opus'"],
  ['too long an input', { input: 'a'.repeat(4_097) }, 'maximum length 4096, but got a string with length 4097'],
  ['an empty input', { input: '' }, "'input'"],
  ['no voice', { voice: undefined }, "Missing required parameter: 'voice'."],
  ['too fast a speed', { speed: 5 }, "'speed'"],
  ['sse with tts-1', { model: 'tts-1', stream_format: 'sse' }, "not supported with model 'tts-1'"],
])('%s is refused with 400', async (_name, more, message) => {
  const refusal = await speak(more as Partial<OpenAI.Audio.SpeechCreateParams>).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(OpenAI.BadRequestError);
  expect(refusal).toMatchObject({ message: expect.stringContaining(message) });
});
