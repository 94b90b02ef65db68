import { readBotConfig } from '../../../services/bot/config.ts';

const SECRETS = {
  OPENAI_API_KEY: 'a',
  TWILIO_AUTH_TOKEN: 'b',
  TWILIO_ACCOUNT_SID: 'c',
  CALLSPAN_STREAM_SECRET: 'd',
  CALLSPAN_HMAC_KEY: 'e',
  CALLSPAN_DATA_DIR: '/tmp/callspan-none',
};
const read = (more: Record<string, string> = {}) => readBotConfig({ ...SECRETS, ...more });

test('files and HTTP are the default ways to speech', () => {
  expect(read()).toMatchObject({
    liveTranscription: undefined,
    transcription: { model: 'gpt-transcribe' },
    synthesis: { over: 'http', model: 'gpt-4o-mini-tts', voice: 'alloy' },
    fillerMs: 2500,
    phraseFolder: '/tmp/callspan-none/bot/phrases',
  });
});

test('Realtime brings its own models, at the base URLs of their stages', () => {
  const config = read({
    BOT_TRANSCRIPTION: 'realtime',
    BOT_SYNTHESIS: 'realtime',
    STT_BASE_URL: 'http://127.0.0.1:1/v1',
    OPENAI_BASE_URL: 'http://127.0.0.1:2/v1',
  });
  expect(config.liveTranscription).toEqual({ baseUrl: 'http://127.0.0.1:1/v1', model: 'gpt-live-transcribe' });
  expect(config.synthesis).toMatchObject({ baseUrl: 'http://127.0.0.1:2/v1', model: 'gpt-realtime-2.1-mini' });
  expect(config.transcription.model).toBe('gpt-transcribe');
});

test('models that are named are taken', () => {
  const config = read({ BOT_TRANSCRIPTION: 'realtime', BOT_STT_LIVE_MODEL: 'x', BOT_TTS_MODEL: 'y' });
  expect([config.liveTranscription?.model, config.synthesis.model]).toEqual(['x', 'y']);
});

test("another business is not given the default one's corpus, but its own", () => {
  expect(read().corpusFolder).toMatch(/services\/bot\/corpus$/);
  expect(read({ BOT_BUSINESS_NAME: 'Other' }).corpusFolder).toBeUndefined();
  expect(read({ BOT_BUSINESS_NAME: 'Other', BOT_CORPUS_DIR: 'texts' }).corpusFolder).toBe('texts');
});

test.each([
  ['BOT_TRANSCRIPTION', 'stream', 'BOT_TRANSCRIPTION=stream: must be file or realtime'],
  ['BOT_SYNTHESIS', 'ws', 'BOT_SYNTHESIS=ws: must be http or realtime'],
  ['BOT_FILLER_MS', 'soon', 'BOT_FILLER_MS=soon: must be milliseconds from 0 (off) to 10000'],
  ['BOT_FILLER_MS', '-1', 'BOT_FILLER_MS=-1: must be milliseconds from 0 (off) to 10000'],
  ['BOT_FILLER_MS', '10001', 'BOT_FILLER_MS=10001: must be milliseconds from 0 (off) to 10000'],
  ['BOT_FILLER_MS', '1.5', 'BOT_FILLER_MS=1.5: must be whole milliseconds from 0 (off) to 10000'],
  ['BOT_MAX_CALL_MS', '2147483648', 'BOT_MAX_CALL_MS=2147483648: must be whole milliseconds from 1000 to 86400000'],
  ['BOT_MAX_CALL_MS', '86400001', 'BOT_MAX_CALL_MS=86400001: must be whole milliseconds from 1000 to 86400000 (a day)'],
  ['BOT_MAX_CALL_MS', '10 min', 'BOT_MAX_CALL_MS=10 min: must be whole milliseconds from 1000 to 86400000 (a day)'],
  ['BOT_MAX_CALL_MS', '999', 'BOT_MAX_CALL_MS=999: must be whole milliseconds from 1000 to 86400000 (a day)'],
  ['TTS_BASE_URL', 'ftp://x', 'TTS_BASE_URL=ftp://x: must be a URL that begins with http:// or https://'],
  ['STT_BASE_URL', 'x', 'STT_BASE_URL=x: must be a URL that begins with http:// or https://'],
])('%s=%s stops the start with name, value and expected form', (name, value, message) => {
  expect(() => read({ [name]: value })).toThrow(message);
});

test('0 switches the filler off, an empty value is the default', () => {
  expect(read({ BOT_FILLER_MS: '0' }).fillerMs).toBe(0);
  expect(read({ BOT_FILLER_MS: '' }).fillerMs).toBe(2500);
});
