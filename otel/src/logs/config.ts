import { serviceNameOf } from '../sdk/service-name.ts';
import { type LevelOf, parseLogLevels } from './log-levels.ts';

/** Where log lines of a process go and how they look; each output has its own switch. */
export type LogConfig = {
  readonly levelOf: LevelOf;
  /** `pretty` for people, `json` for machines, `off` for no console at all. */
  readonly console: 'pretty' | 'json' | 'off';
  readonly colour: boolean;
  /** The folder of `combined.log` and `error.log`; undefined: no files. */
  readonly folder: string | undefined;
  readonly service: string;
};

/** What is known of standard output. */
type Terminal = { readonly isTTY?: boolean | undefined };

/**
 * Reads `LOG_LEVEL` (default debug, in production info), `LOG_CONSOLE` (on, off), `LOG_FORMAT` (pretty, json; default
 * pretty in a terminal outside production), `LOG_DIR`, `FORCE_COLOR`, `NO_COLOR`, `NODE_ENV`, and the name of the
 * service (see `serviceNameOf`).
 * @throws TypeError naming the variable, its value and what is expected
 */
export function readLogConfig(env: NodeJS.ProcessEnv = process.env, stdout: Terminal = process.stdout): LogConfig {
  const isProduction = env.NODE_ENV === 'production';
  const forced = isForced(env.FORCE_COLOR);
  const isTerminal = Boolean(stdout.isTTY);
  const isPretty = !isProduction && (isTerminal || forced === true);
  const format = oneOf(env, 'LOG_FORMAT', ['pretty', 'json'] as const) ?? (isPretty ? 'pretty' : 'json');
  const service = serviceNameOf(env);
  return {
    levelOf: parseLogLevels(env.LOG_LEVEL, isProduction ? 'info' : 'debug'),
    console: oneOf(env, 'LOG_CONSOLE', ['on', 'off'] as const) === 'off' ? 'off' : format,
    colour: forced ?? (isTerminal && !env.NO_COLOR && env.TERM !== 'dumb'),
    folder: env.LOG_DIR ? folderOf(env.LOG_DIR, service) : undefined,
    service,
  };
}

/** A service's folder below `LOG_DIR`; a name that is no plain file name must not lead out of it. */
function folderOf(root: string, service: string): string {
  const name = service.replace(/[^\w.-]+/g, '_').replace(/^\.+/, '_');
  return `${root.replace(/[\\/]+$/, '')}/${name}`;
}

/** As Node and its users have it: any value but none, `0` and `false` forces colours, those two forbid them. */
function isForced(value: string | undefined): boolean | undefined {
  if (value === undefined || value === '') return undefined;
  return value !== '0' && value !== 'false';
}

function oneOf<T extends string>(env: NodeJS.ProcessEnv, name: string, allowed: readonly T[]): T | undefined {
  const value = env[name];
  if (value === undefined || value === '') return undefined;
  const found = allowed.find((known) => known === value.toLowerCase());
  if (!found) throw new TypeError(`${name} is ${JSON.stringify(value)}; expected ${allowed.join(' or ')}`);
  return found;
}
