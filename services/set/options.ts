import { parseArgs } from 'node:util';

/** The services of the set, in the order in which they are started. */
export const SERVICE_NAMES = ['viewer', 'records', 'openai', 'bot', 'caller'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

/** What `npm start` was asked for. */
export type SetOptions = {
  readonly help: boolean;
  /** Place one call when everything is ready. */
  readonly call: boolean;
  /** Then go on placing so many; 0: none. */
  readonly callsPerMinute: number;
  readonly only: readonly ServiceName[];
  /** Virtual seconds per second for simulated line, stand-in models and the bot's timers. */
  readonly speed: number;
  readonly quiet: boolean;
  /** Restart a service when its files change. */
  readonly watch: boolean;
};

export const HELP = `npm start -- [options]

  --no-call              do not place the first simulated call
  --calls-per-minute N   go on placing N simulated calls a minute
  --only a,b             start only these: ${SERVICE_NAMES.join(', ')}
  --speed N              run line, stand-in models and timers N times faster (0.1 to 100)
  --quiet                print addresses and errors only
  --help                 this text

Ctrl-C stops everything. Ports, secrets and logs: see .env.example; LOG_CONSOLE=on shows the lines of every service here.`;

/** @throws Error of one line for an unknown option or a value that is none. */
export function parseOptions(args: readonly string[], env: NodeJS.ProcessEnv): SetOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      'no-call': { type: 'boolean', default: false },
      'calls-per-minute': { type: 'string', default: '0' },
      only: { type: 'string' },
      speed: { type: 'string', default: env.CALLSPAN_SPEED || '1' },
      quiet: { type: 'boolean', default: false },
      watch: { type: 'boolean', default: false },
    },
  });
  return {
    help: values.help,
    call: !values['no-call'] && values.only === undefined,
    callsPerMinute: parseNumber('--calls-per-minute', values['calls-per-minute'], { min: 0, max: 600 }),
    only: parseServices(values.only),
    speed: parseNumber('--speed', values.speed, { min: 0.1, max: 100 }),
    quiet: values.quiet,
    watch: values.watch,
  };
}

function parseNumber(name: string, text: string, { min, max }: { min: number; max: number }): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < min || value > max) {
    throw new Error(`${name} must be a number from ${min} to ${max}, not "${text}"`);
  }
  return value;
}

function parseServices(list: string | undefined): readonly ServiceName[] {
  if (list === undefined) return SERVICE_NAMES;
  const names = list.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !SERVICE_NAMES.some((known) => known === name));
  if (unknown !== undefined)
    throw new Error(`--only knows no service "${unknown}": choose from ${SERVICE_NAMES.join(', ')}`);
  return SERVICE_NAMES.filter((name) => names.includes(name));
}
