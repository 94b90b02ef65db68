import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readSecretFiles } from '../../otel/src/secret-files.ts';
import { planSet, type SetPlan } from '../../services/set/environment.ts';
import { parseOptions } from '../../services/set/options.ts';
import { isProduction } from './production.ts';

/** What the doctor looks at: the set as `npm start` would run it, nothing of it made or changed. */
export type Setup = {
  /** Undefined: `npm start` refuses it, `refusal` says why. */
  readonly plan: SetPlan | undefined;
  readonly refusal: string | undefined;
  /** What the services would be given; where there is no plan, what was given to us. */
  readonly env: NodeJS.ProcessEnv;
  /** What the person gave, in the shell or in `.env`. */
  readonly given: NodeJS.ProcessEnv;
  readonly dataDir: string;
  /** Made at first start; empty before. */
  readonly made: Readonly<Record<string, string>>;
  /** Callers, or telemetry of real ones: what is weak is refused instead of warned of. */
  readonly isProduction: boolean;
};

/** Stands for a secret that the first start would make. */
const NOT_MADE_YET = 'not made yet';
const MADE_NAMES = ['TWILIO_AUTH_TOKEN', 'TWILIO_ACCOUNT_SID', 'CALLSPAN_STREAM_SECRET', 'CALLSPAN_HMAC_KEY'];

/** Reads the set-up from the environment without making secrets or folders. */
export function readSetup(given: NodeJS.ProcessEnv): Setup {
  const dataDir = resolve(given.CALLSPAN_DATA_DIR || '.callspan');
  const made = readMadeSecrets(dataDir);
  const shared = { given, dataDir, made, isProduction: isProduction(given) };
  const stand = { ...Object.fromEntries(MADE_NAMES.map((name) => [name, NOT_MADE_YET])), ...accountStandIn, ...made };
  try {
    const plan = planSet(parseOptions([], given), given, () => stand);
    return { ...shared, plan, refusal: undefined, env: plan.env };
  } catch (error) {
    return { ...shared, plan: undefined, refusal: (error as Error).message, env: given };
  }
}

/** Of Twilio's form, because services check it. */
const accountStandIn = { TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}` };

/** The file of secrets that `npm start` makes. */
export function madeSecretsFile(dataDir: string): string {
  return join(dataDir, 'secrets.json');
}

function readMadeSecrets(dataDir: string): Readonly<Record<string, string>> {
  const file = madeSecretsFile(dataDir);
  if (!existsSync(file)) return {};
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  } catch {
    // Told by the check of the secrets.
    return {};
  }
}

/** A secret as services take it: `NAME`, or the file that `NAME_FILE` names. Undefined where there is none to be read. */
export function readSecret(env: NodeJS.ProcessEnv, name: string): string | undefined {
  try {
    return readSecretFiles(env, [name])[name] || undefined;
  } catch {
    // Told by the check of the secrets.
    return undefined;
  }
}
