import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCallspan, type Logger } from 'callspan';
import { readBotConfig } from '../../services/bot/config.ts';
import { type Bot, startBot } from '../../services/bot/start.ts';
import { readStandinConfig } from '../../services/openai/config.ts';
import { startStandin } from '../../services/openai/start.ts';
import { readRecordsConfig } from '../../services/records/config.ts';
import { startRecords } from '../../services/records/start.ts';
import { type SpanRecorder, startSpanRecorder } from './recorded-spans.ts';

export const AUTH_TOKEN = '0123456789abcdef0123456789abcdef';
export const ACCOUNT_SID = `AC${'5'.repeat(32)}`;
export const STREAM_SECRET = 'stream secret of the test bot';

/** Fast enough for many calls, slow enough for one process on a busy machine. */
export const SPEED = '2';

/** A real bot with real records and stand-in models, in this process, on free ports and a folder of its own. */
export type TestBot = {
  readonly bot: Bot;
  readonly recorder: SpanRecorder;
  readonly recordsUrl: string;
  readonly standinUrl: string;
  close(): Promise<void>;
};

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** `keptFolder`: a data folder that outlives the bot, for restarts. */
export async function startTestBot(
  overrides: Readonly<Record<string, string>> = {},
  keptFolder?: string,
): Promise<TestBot> {
  const folder = keptFolder ?? mkdtempSync(join(tmpdir(), 'callspan-bot-'));
  const recorder = startSpanRecorder();
  const standin = await startStandin(
    readStandinConfig({ STANDIN_PORT: '0', STANDIN_PROFILE: 'instant', CALLSPAN_SPEED: SPEED }),
  );
  const records = await startRecords(readRecordsConfig({ RECORDS_PORT: '0', CALLSPAN_DATA_DIR: folder }), {
    logger: silent,
  });
  const config = readBotConfig({
    BOT_PORT: '0',
    BOT_METRICS_PORT: '0',
    CALLSPAN_DATA_DIR: folder,
    CALLSPAN_SPEED: SPEED,
    OPENAI_BASE_URL: `${standin.url}/v1`,
    OPENAI_API_KEY: 'test',
    RECORDS_URL: records.url,
    TWILIO_AUTH_TOKEN: AUTH_TOKEN,
    TWILIO_ACCOUNT_SID: ACCOUNT_SID,
    CALLSPAN_STREAM_SECRET: STREAM_SECRET,
    CALLSPAN_HMAC_KEY: 'hmac key of the test bot',
    // On a busy machine a filler would be the answer that a simulated caller waits for.
    BOT_FILLER_MS: '0',
    ...overrides,
  });
  const bot = await startBot(config, { callspan: createCallspan({ tracer: recorder.tracer }), logger: silent });
  return {
    bot,
    recorder,
    recordsUrl: records.url,
    standinUrl: standin.url,
    async close() {
      await bot.close();
      await records.close();
      await standin.close();
      await recorder.close();
      if (!keptFolder) rmSync(folder, { recursive: true, force: true });
    },
  };
}
