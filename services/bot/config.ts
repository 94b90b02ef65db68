import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CaptureLevel, parseCaptureLevel } from 'callspan';
import { z } from 'zod';
import type { Language } from './domain/ports.ts';

const port = z.coerce.number().int().min(0).max(65_535);
const url = z.url();

const Environment = z.object({
  BOT_HOST: z.string().default('127.0.0.1'),
  BOT_PORT: port.optional(),
  PORT: port.optional(),
  BOT_METRICS_PORT: port.default(9464),
  PUBLIC_BASE_URL: url.optional(),
  RECORDS_URL: url.default('http://127.0.0.1:3001'),
  OPENAI_BASE_URL: url.default('https://api.openai.com/v1'),
  STT_BASE_URL: url.optional(),
  LLM_BASE_URL: url.optional(),
  TTS_BASE_URL: url.optional(),
  BOT_STT_MODEL: z.string().default('gpt-transcribe'),
  BOT_LLM_MODEL: z.string().default('gpt-6-luna'),
  BOT_TTS_MODEL: z.string().default('gpt-4o-mini-tts'),
  BOT_TTS_VOICE: z.string().default('alloy'),
  BOT_LANGUAGE: z.enum(['fr', 'en']).default('fr'),
  BOT_BUSINESS_NAME: z.string().default('Callspan Plumbing'),
  BOT_TIME_ZONE: z
    .string()
    .refine(isTimeZone, 'must be an IANA time zone such as Europe/Paris')
    .default('Europe/Paris'),
  BOT_END_SILENCE_MS: z.coerce.number().int().min(100).max(3000).default(400),
  BOT_MAX_CALL_MS: z.coerce.number().int().min(1000).default(600_000),
  CALLSPAN_OPERATIONS_TOKEN: z.string().optional(),
  CALLSPAN_DATA_DIR: z.string().default('.callspan'),
  CALLSPAN_SPEED: z.coerce.number().min(0.1).max(100).default(1),
});

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Where a model is reached. */
export type ModelConfig = { readonly baseUrl: string; readonly model: string };

/** Everything the bot is told from outside. Times in milliseconds. */
export type BotConfig = {
  readonly host: string;
  readonly port: number;
  readonly operationsPort: number;
  /** Origin under which Twilio reaches the bot; undefined: the address it listens on. */
  readonly publicBaseUrl: string | undefined;
  readonly recordsUrl: string;
  /** Bearer token of a records service off loopback. */
  readonly recordsToken: string | undefined;
  readonly openAiKey: string;
  readonly transcription: ModelConfig;
  readonly reply: ModelConfig;
  readonly synthesis: ModelConfig & { readonly voice: string };
  readonly language: Language;
  readonly businessName: string;
  readonly timeZone: string;
  readonly endSilenceMs: number;
  readonly maxCallMs: number;
  readonly outboxFile: string;
  readonly speed: number;
  readonly capture: CaptureLevel;
  readonly twilioAuthToken: string;
  readonly twilioAccountSid: string;
  readonly streamSecret: string;
  readonly hmacKey: string;
};

/**
 * Reads the environment. Secrets may come as `NAME`, as a file named by `NAME_FILE`, or from the data folder's
 * `secrets.json` that `npm start` makes.
 * @throws Error of one line that names the variable and what it must be.
 */
export function readBotConfig(env: NodeJS.ProcessEnv = process.env): BotConfig {
  // An empty value counts as not set, so that a line of .env can be emptied.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
  if (!parsed.success)
    throw new Error(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  const values = parsed.data;
  const secret = createSecretReader(env, values.CALLSPAN_DATA_DIR);
  return Object.freeze({
    host: values.BOT_HOST,
    port: values.BOT_PORT ?? values.PORT ?? 3000,
    operationsPort: values.BOT_METRICS_PORT,
    publicBaseUrl: values.PUBLIC_BASE_URL,
    recordsUrl: values.RECORDS_URL,
    recordsToken: values.CALLSPAN_OPERATIONS_TOKEN,
    openAiKey: secret('OPENAI_API_KEY'),
    transcription: { baseUrl: values.STT_BASE_URL ?? values.OPENAI_BASE_URL, model: values.BOT_STT_MODEL },
    reply: { baseUrl: values.LLM_BASE_URL ?? values.OPENAI_BASE_URL, model: values.BOT_LLM_MODEL },
    synthesis: {
      baseUrl: values.TTS_BASE_URL ?? values.OPENAI_BASE_URL,
      model: values.BOT_TTS_MODEL,
      voice: values.BOT_TTS_VOICE,
    },
    language: values.BOT_LANGUAGE,
    businessName: values.BOT_BUSINESS_NAME,
    timeZone: values.BOT_TIME_ZONE,
    endSilenceMs: values.BOT_END_SILENCE_MS,
    maxCallMs: values.BOT_MAX_CALL_MS,
    outboxFile: join(values.CALLSPAN_DATA_DIR, 'bot', 'outbox.db'),
    speed: values.CALLSPAN_SPEED,
    capture: parseCaptureLevel(env.CALLSPAN_CAPTURE),
    twilioAuthToken: secret('TWILIO_AUTH_TOKEN'),
    twilioAccountSid: secret('TWILIO_ACCOUNT_SID'),
    streamSecret: secret('CALLSPAN_STREAM_SECRET'),
    hmacKey: secret('CALLSPAN_HMAC_KEY'),
  });
}

function createSecretReader(env: NodeJS.ProcessEnv, dataDir: string): (name: string) => string {
  let made: Record<string, string> | undefined;
  const readMade = () => {
    try {
      made ??= JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8')) as Record<string, string>;
    } catch {
      made = {};
    }
    return made;
  };
  return (name) => {
    const file = env[`${name}_FILE`];
    const value = env[name] || (file ? readFileSync(file, 'utf8').trim() : readMade()[name]);
    if (!value) throw new Error(`${name} is missing: set ${name}, or ${name}_FILE to a file that holds it`);
    return value;
  };
}
