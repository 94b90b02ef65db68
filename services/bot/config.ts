import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CaptureLevel, type PriceRows, parseCaptureLevel, readSecretFiles } from 'callspan';
import { z } from 'zod';
import type { Language } from './domain/ports.ts';
import { OVERRIDE_PREFIX } from './limit-overrides.ts';
import { type BotLimits, type LimitSource, readLimits } from './limits.ts';

const DEFAULT_BUSINESS = 'Callspan Plumbing';
/** What is written about the default business. */
const DEFAULT_CORPUS = fileURLToPath(new URL('./corpus', import.meta.url));
/** What `npm run generate` makes of thresholds/thresholds.yaml. */
const DEFAULT_LIMITS = fileURLToPath(new URL('../../thresholds/generated/kit-options.generated.json', import.meta.url));
/** Speech models by the way they are reached. */
const SPEECH_MODEL = { http: 'gpt-4o-mini-tts', realtime: 'gpt-realtime-2.1-mini' } as const;

/** Twilio ends every call after a day; at the slowest speed that is still below what a timer takes (2^31 - 1 ms). */
const LONGEST_CALL_MS = 86_400_000;
const CALL_MS = `must be whole milliseconds from 1000 to ${LONGEST_CALL_MS} (a day)`;

const port = z.coerce.number().int().min(0).max(65_535);
const url = z.url({ protocol: /^https?$/, error: 'must be a URL that begins with http:// or https://' });

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
  BOT_TRANSCRIPTION: z.enum(['file', 'realtime'], 'must be file or realtime').default('file'),
  BOT_STT_LIVE_MODEL: z.string().default('gpt-live-transcribe'),
  BOT_SYNTHESIS: z.enum(['http', 'realtime'], 'must be http or realtime').default('http'),
  BOT_TTS_MODEL: z.string().optional(),
  BOT_TTS_VOICE: z.string().default('alloy'),
  BOT_LANGUAGE: z.enum(['fr', 'en']).default('fr'),
  BOT_BUSINESS_NAME: z.string().default(DEFAULT_BUSINESS),
  BOT_CORPUS_DIR: z.string().optional(),
  BOT_TIME_ZONE: z
    .string()
    .refine(isTimeZone, 'must be an IANA time zone such as Europe/Paris')
    .default('Europe/Paris'),
  BOT_END_SILENCE_MS: z.coerce.number().int().min(100).max(3000).default(400),
  BOT_FILLER_MS: z.coerce
    .number('must be milliseconds from 0 (off) to 10000')
    .int('must be whole milliseconds from 0 (off) to 10000')
    .min(0, 'must be milliseconds from 0 (off) to 10000')
    .max(10_000, 'must be milliseconds from 0 (off) to 10000')
    .default(2500),
  BOT_MAX_CALL_MS: z.coerce
    .number(CALL_MS)
    .int(CALL_MS)
    .min(1000, CALL_MS)
    .max(LONGEST_CALL_MS, CALL_MS)
    .default(600_000),
  CALLSPAN_PRICES_PATH: z.string().optional(),
  CALLSPAN_KIT_OPTIONS_PATH: z.string().default(DEFAULT_LIMITS),
  CALLSPAN_CARRIER: z.string().default('twilio'),
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
  /** `CALLSPAN_METRICS_TOKEN_FILE` is set: the kit reads it, and asks scrapes for what it holds. */
  readonly hasMetricsToken: boolean;
  /** Origin under which Twilio reaches the bot; undefined: the address it listens on. */
  readonly publicBaseUrl: string | undefined;
  readonly recordsUrl: string;
  /** Bearer token of a records service off loopback. */
  readonly recordsToken: string | undefined;
  readonly openAiKey: string;
  readonly transcription: ModelConfig;
  readonly reply: ModelConfig;
  /** Live transcription over the Realtime API; undefined: by file only. */
  readonly liveTranscription: ModelConfig | undefined;
  readonly synthesis: ModelConfig & { readonly voice: string; readonly over: 'http' | 'realtime' };
  readonly language: Language;
  readonly businessName: string;
  readonly timeZone: string;
  /** Folder of what is written about the business; undefined: nothing is. */
  readonly corpusFolder: string | undefined;
  readonly endSilenceMs: number;
  /** 0: the bot never says that it is looking. */
  readonly fillerMs: number;
  readonly maxCallMs: number;
  /** Rows of the file that CALLSPAN_PRICES_PATH names; undefined: the shipped prices alone. */
  readonly prices: PriceRows | undefined;
  readonly limitSource: LimitSource;
  /** What `limitSource` says at the start. */
  readonly limits: BotLimits;
  /** Whose minutes are paid; false: the line costs nothing. */
  readonly carrier: string | false;
  readonly outboxFile: string;
  /** Recordings of fixed phrases. */
  readonly phraseFolder: string;
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
  const read = readSecretFiles(env, ['CALLSPAN_OPERATIONS_TOKEN']);
  const given = Object.fromEntries(Object.entries(read).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
  if (!parsed.success) throw new Error(parsed.error.issues.map((issue) => describeIssue(issue, given)).join('; '));
  const values = parsed.data;
  const secret = createSecretReader(env, values.CALLSPAN_DATA_DIR);
  const sttUrl = values.STT_BASE_URL ?? values.OPENAI_BASE_URL;
  const limitSource = { file: values.CALLSPAN_KIT_OPTIONS_PATH, overrides: listOverrides(given) };
  // Another business must not be given the default one's prices.
  const ownCorpus = values.BOT_BUSINESS_NAME === DEFAULT_BUSINESS ? DEFAULT_CORPUS : undefined;
  return Object.freeze({
    host: values.BOT_HOST,
    port: values.BOT_PORT ?? values.PORT ?? 3000,
    operationsPort: values.BOT_METRICS_PORT,
    hasMetricsToken: Boolean(env.CALLSPAN_METRICS_TOKEN_FILE),
    publicBaseUrl: values.PUBLIC_BASE_URL,
    recordsUrl: values.RECORDS_URL,
    recordsToken: values.CALLSPAN_OPERATIONS_TOKEN,
    openAiKey: secret('OPENAI_API_KEY'),
    transcription: { baseUrl: sttUrl, model: values.BOT_STT_MODEL },
    liveTranscription:
      values.BOT_TRANSCRIPTION === 'realtime' ? { baseUrl: sttUrl, model: values.BOT_STT_LIVE_MODEL } : undefined,
    reply: { baseUrl: values.LLM_BASE_URL ?? values.OPENAI_BASE_URL, model: values.BOT_LLM_MODEL },
    synthesis: {
      baseUrl: values.TTS_BASE_URL ?? values.OPENAI_BASE_URL,
      model: values.BOT_TTS_MODEL ?? SPEECH_MODEL[values.BOT_SYNTHESIS],
      voice: values.BOT_TTS_VOICE,
      over: values.BOT_SYNTHESIS,
    },
    language: values.BOT_LANGUAGE,
    businessName: values.BOT_BUSINESS_NAME,
    timeZone: values.BOT_TIME_ZONE,
    corpusFolder: values.BOT_CORPUS_DIR ?? ownCorpus,
    endSilenceMs: values.BOT_END_SILENCE_MS,
    fillerMs: values.BOT_FILLER_MS,
    maxCallMs: values.BOT_MAX_CALL_MS,
    prices: readPrices(values.CALLSPAN_PRICES_PATH),
    limitSource,
    limits: readLimits(limitSource),
    carrier: values.CALLSPAN_CARRIER === 'none' ? false : values.CALLSPAN_CARRIER,
    outboxFile: join(values.CALLSPAN_DATA_DIR, 'bot', 'outbox.db'),
    phraseFolder: join(values.CALLSPAN_DATA_DIR, 'bot', 'phrases'),
    speed: values.CALLSPAN_SPEED,
    capture: parseCaptureLevel(env.CALLSPAN_CAPTURE),
    twilioAuthToken: secret('TWILIO_AUTH_TOKEN'),
    twilioAccountSid: secret('TWILIO_ACCOUNT_SID'),
    streamSecret: secret('CALLSPAN_STREAM_SECRET'),
    hmacKey: secret('CALLSPAN_HMAC_KEY'),
  });
}

function listOverrides(given: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) =>
      name.startsWith(OVERRIDE_PREFIX) && value !== undefined ? [[name, value]] : [],
    ),
  );
}

function readPrices(file: string | undefined): PriceRows | undefined {
  if (file === undefined) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as PriceRows;
  } catch (error) {
    throw new Error(
      `CALLSPAN_PRICES_PATH=${file}: must be a JSON file of prices (${String((error as Error).message)})`,
    );
  }
}

/** `BOT_FILLER_MS=soon: must be ...` */
function describeIssue({ path, message }: z.core.$ZodIssue, given: NodeJS.ProcessEnv): string {
  const name = path.join('.');
  return given[name] === undefined ? `${name}: ${message}` : `${name}=${given[name]}: ${message}`;
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
