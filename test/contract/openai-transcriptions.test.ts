import OpenAI from 'openai';
import { encodeMulaw } from '../../services/line/mulaw.ts';
import { createWavHeader } from '../../services/openai/domain/audio/wav.ts';
import { type Harness, openHarness, spoken, wavFile } from '../helpers/openai-standin.ts';

const TEXT = "Bonjour, je m'appelle Élodie Fontaine.";
let harness: Harness;
beforeAll(async () => {
  harness = await openHarness();
});
afterAll(() => harness.standin.close());

const transcribe = (file: File, model = 'gpt-transcribe') =>
  harness.client.audio.transcriptions.create({ file, model, response_format: 'json' });

test.each([8_000, 16_000, 24_000, 48_000])(
  'a WAV file at %i Hz is transcribed to the words in its audio',
  async (rateHz) => {
    const answer = await transcribe(spoken(TEXT, rateHz));
    expect(answer.text).toBe(TEXT);
    expect(answer.usage).toEqual({ type: 'duration', seconds: expect.any(Number) });
    expect(answer.languages).toEqual([{ code: 'fr' }]);
  },
);

test('silence and noise have no words', async () => {
  let state = 1;
  const noise = Int16Array.from({ length: 16_000 }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return (state % 4_000) - 2_000;
  });
  expect((await transcribe(wavFile(new Int16Array(16_000)))).text).toBe('');
  expect((await transcribe(wavFile(noise))).text).toBe('');
});

test('the text and verbose_json formats are those of the package', async () => {
  const file = spoken('Hello there');
  const text = await harness.client.audio.transcriptions.create({
    file,
    model: 'gpt-transcribe',
    response_format: 'text',
  });
  expect(text.trim()).toBe('Hello there');
  const verbose = await harness.client.audio.transcriptions.create({
    file,
    model: 'whisper-1',
    response_format: 'verbose_json',
  });
  expect(verbose).toMatchObject({
    text: 'Hello there',
    language: 'english',
    segments: [{ text: 'Hello there', start: 0 }],
  });
  expect(verbose.duration).toBeCloseTo(file.size / 16_000, 1);
});

test('a stream of deltas ends with the whole text and the usage', async () => {
  const stream = await harness.client.audio.transcriptions.create({
    file: spoken(TEXT),
    model: 'gpt-transcribe',
    stream: true,
  });
  const events = [];
  for await (const event of stream) events.push(event);
  const deltas = events.flatMap((event) => (event.type === 'transcript.text.delta' ? [event.delta] : []));
  expect(deltas.length).toBeGreaterThan(1);
  expect(deltas.join('')).toBe(TEXT);
  expect(events.at(-1)).toMatchObject({ type: 'transcript.text.done', text: TEXT, usage: { type: 'duration' } });
});

test('the answer carries request id, processing time and rate limits', async () => {
  const { response, request_id: requestId } = await harness.client.audio.transcriptions
    .create({ file: spoken('Hello'), model: 'gpt-transcribe' })
    .withResponse();
  expect(requestId).toMatch(/^req_[a-z0-9]{32}$/u);
  expect(Number(response.headers.get('openai-processing-ms'))).toBeGreaterThan(0);
  expect(response.headers.get('x-ratelimit-limit-requests')).toBe('10000');
  expect(response.headers.get('x-ratelimit-remaining-requests')).toMatch(/^\d+$/u);
  expect(response.headers.get('x-ratelimit-reset-requests')).toMatch(/^\d+m?s$/u);
});

const mulawWav = (): File => {
  const header = new Uint8Array(createWavHeader(8_000, 16_000));
  new DataView(header.buffer).setUint16(20, 7, true);
  return new File([header, new Uint8Array(16_000)], 'utterance.wav');
};

test.each([
  [
    'a name without a known extension',
    () => new File([new Uint8Array(100)], 'utterance.raw'),
    /^400 Invalid file format\. Supported formats: \['flac', .*'wav', 'webm'\]/u,
  ],
  [
    'raw µ-law',
    () => new File([new Uint8Array(encodeMulaw(new Int16Array(8_000)))], 'utterance.wav'),
    /corrupted or unsupported/u,
  ],
  ['a µ-law WAV', mulawWav, /corrupted or unsupported/u],
  ['an empty file', () => new File([], 'utterance.wav'), /corrupted or unsupported/u],
  ['a WAV without samples', () => wavFile(new Int16Array(0)), /too short/u],
  ['an mp3, which it cannot decode', () => new File([new Uint8Array(100)], 'a.mp3'), /decodes WAV \(PCM16\) only/u],
])('%s is refused with 400', async (_name, file, message) => {
  const refusal = await transcribe(file()).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(OpenAI.BadRequestError);
  expect(refusal).toMatchObject({ type: 'invalid_request_error', message: expect.stringMatching(message) });
});

test('a request without a file, or that is no form, is refused with 400', async () => {
  const send = (body: FormData | string) =>
    fetch(`${harness.standin.url}/v1/audio/transcriptions`, {
      method: 'POST',
      headers: { authorization: 'Bearer x' },
      body,
    });
  const form = new FormData();
  form.set('model', 'gpt-transcribe');
  const answers = await Promise.all([send(form), send('hello')]);
  expect(answers.map(({ status }) => status)).toEqual([400, 400]);
  expect(await answers[0]?.json()).toEqual({
    error: {
      message: "Missing required parameter: 'file'.",
      type: 'invalid_request_error',
      param: 'file',
      code: 'missing_required_parameter',
    },
  });
});

test('an unknown model is refused with 404 model_not_found', async () => {
  const refusal = await transcribe(spoken('Hello'), 'gpt-hearing').catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(OpenAI.NotFoundError);
  expect(refusal).toMatchObject({ code: 'model_not_found' });
});

test('more than 25 MB are refused with 413', async () => {
  const refusal = await transcribe(wavFile(new Int16Array(13_200_000))).catch((error: unknown) => error);
  expect(refusal).toMatchObject({
    status: 413,
    message: expect.stringContaining('Maximum content size limit (26214400) exceeded'),
  });
});
