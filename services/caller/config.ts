import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** What the simulated Twilio needs to know. Addresses are without a slash at the end. */
export type CallerConfig = {
  /** 0: any free port. */
  readonly port: number;
  readonly accountSid: string;
  readonly authToken: string;
  /** How much faster than the wall the line runs. */
  readonly speed: number;
  readonly webhookUrl: string;
  readonly statusCallbackUrl: string;
  readonly viewerUrl: string;
  readonly recordsUrl: string;
  /** Replaces the origin in what is signed. */
  readonly publicBaseUrl: string | undefined;
  /** So many calls a minute are placed without being asked for; 0: none. */
  readonly callsPerMinute: number;
};

const port = (fallback: number) =>
  z
    .string()
    .regex(/^\d{1,5}$/, 'must be a port number')
    .default(`${fallback}`)
    .transform(Number)
    .refine((value) => value <= 65_535, 'must be a port number');

const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http(s) address' }).transform(withoutSlash);

const envSchema = z.object({
  TWILIO_SIM_PORT: port(3003),
  BOT_PORT: port(3000),
  VIEWER_PORT: port(4300),
  RECORDS_PORT: port(3001),
  TWILIO_ACCOUNT_SID: z
    .string()
    .regex(/^AC[0-9a-f]{32}$/, 'must be AC and 32 hexadecimal digits')
    .optional(),
  TWILIO_AUTH_TOKEN: z.string().min(1).optional(),
  TWILIO_ACCOUNT_SID_FILE: z.string().min(1).optional(),
  TWILIO_AUTH_TOKEN_FILE: z.string().min(1).optional(),
  CALLSPAN_DATA_DIR: z.string().min(1).default('.callspan'),
  CALLSPAN_SPEED: z.coerce.number('must be a number').min(0.1).max(100).default(1),
  TWILIO_SIM_CALLS_PER_MINUTE: z.coerce.number('must be a number').min(0).max(600).default(0),
  BOT_URL: httpUrl.optional(),
  PUBLIC_BASE_URL: httpUrl.optional(),
  VIEWER_URL: httpUrl.optional(),
  RECORDS_URL: httpUrl.optional(),
});
type Environment = z.infer<typeof envSchema>;
const secretsSchema = z.object({ TWILIO_ACCOUNT_SID: z.string(), TWILIO_AUTH_TOKEN: z.string() });

/** Where the token came from that signs: an option, a variable, a file; null: from nowhere, it was made up. */
export type WebhookConfig = CallerConfig & { readonly tokenFrom: string | null };

/**
 * Reads the environment (an empty value counts as not set); account and token may come as `NAME`, as a file named by
 * `NAME_FILE`, or from `secrets.json` in CALLSPAN_DATA_DIR. @throws Error with one line that names the variable and what to do.
 */
export function readCallerConfig(env: NodeJS.ProcessEnv = process.env): CallerConfig {
  const given = readEnvironment(env);
  const { accountSid, token } = findAccount(given);
  if (accountSid === undefined || token === undefined) {
    const missing = accountSid === undefined ? 'TWILIO_ACCOUNT_SID' : 'TWILIO_AUTH_TOKEN';
    throw new Error(
      `${missing} is not set and ${given.CALLSPAN_DATA_DIR} has no secrets.json: set it, or run npm start`,
    );
  }
  return createConfig(given, accountSid, token.value);
}

/**
 * As `readCallerConfig`, for a bot that is not ours: `authToken` comes before all others, and what is nowhere to be found is made up, so that a bot
 * that checks no signature can be called with nothing set. @throws Error with one line that names the variable.
 */
export function readWebhookConfig(authToken: string | undefined, env: NodeJS.ProcessEnv = process.env): WebhookConfig {
  const given = readEnvironment(env);
  const { accountSid, token } = findAccount(given);
  const known = authToken === undefined ? token : { value: authToken, from: '--auth-token' };
  const config = createConfig(given, accountSid ?? MADE_UP_ACCOUNT, known?.value ?? randomBytes(16).toString('hex'));
  return Object.freeze({ ...config, tokenFrom: known?.from ?? null });
}

const MADE_UP_ACCOUNT = `AC${'0'.repeat(32)}`;

function findAccount(given: Environment) {
  const secrets = readSecrets(given.CALLSPAN_DATA_DIR);
  const accountSid =
    given.TWILIO_ACCOUNT_SID ?? readOwnFile(given, 'TWILIO_ACCOUNT_SID_FILE') ?? secrets?.TWILIO_ACCOUNT_SID;
  const tokens = [
    { from: 'TWILIO_AUTH_TOKEN', value: given.TWILIO_AUTH_TOKEN },
    { from: 'TWILIO_AUTH_TOKEN_FILE', value: readOwnFile(given, 'TWILIO_AUTH_TOKEN_FILE') },
    { from: join(given.CALLSPAN_DATA_DIR, 'secrets.json'), value: secrets?.TWILIO_AUTH_TOKEN },
  ];
  return { accountSid, token: tokens.find((one): one is { from: string; value: string } => one.value !== undefined) };
}

function createConfig(given: Environment, accountSid: string, authToken: string): CallerConfig {
  const bot = given.BOT_URL ?? `http://127.0.0.1:${given.BOT_PORT}`;
  return Object.freeze({
    port: given.TWILIO_SIM_PORT,
    accountSid,
    authToken,
    speed: given.CALLSPAN_SPEED,
    webhookUrl: `${bot}/voice`,
    statusCallbackUrl: `${bot}/status`,
    viewerUrl: given.VIEWER_URL ?? `http://127.0.0.1:${given.VIEWER_PORT}`,
    recordsUrl: given.RECORDS_URL ?? `http://127.0.0.1:${given.RECORDS_PORT}`,
    publicBaseUrl: given.PUBLIC_BASE_URL,
    callsPerMinute: given.TWILIO_SIM_CALLS_PER_MINUTE,
  });
}

/** The port on which the simulated line listens: all that a client of it needs. @throws Error as readCallerConfig does. */
export function readLinePort(env: NodeJS.ProcessEnv = process.env): number {
  return readEnvironment(env).TWILIO_SIM_PORT;
}

function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  const result = envSchema.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')));
  if (result.success) return result.data;
  throw new Error(result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; '));
}

function readOwnFile(
  given: Environment,
  name: 'TWILIO_ACCOUNT_SID_FILE' | 'TWILIO_AUTH_TOKEN_FILE',
): string | undefined {
  const file = given[name];
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new Error(`${name} ${file} cannot be read`, { cause });
  }
}

function readSecrets(folder: string): z.infer<typeof secretsSchema> | undefined {
  const file = join(folder, 'secrets.json');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  try {
    return secretsSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`${file} cannot be read: it must hold TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN as JSON`, { cause });
  }
}

function withoutSlash(address: string): string {
  return address.replace(/\/$/, '');
}
