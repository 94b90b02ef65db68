import { parseArgs } from 'node:util';
import { FaultOrderError } from '../domain/faults/fault-order.ts';

/** What a person asked for on the command line. */
export type CommandOptions = {
  readonly script: string;
  readonly webhook: string | undefined;
  readonly mediaBase: string | undefined;
  /** As written; 'list' asks for the names. */
  readonly faults: string | undefined;
  readonly seed: number | undefined;
  readonly isJson: boolean;
  readonly isList: boolean;
  readonly isHelp: boolean;
};

/** What `--help` prints. */
export const HELP = `Places one simulated phone call and tells how it went.

  npm run call -- --script NAME [options]

  --script NAME          what the caller does (default appointment-fr)
  --list                 the scripts there are
  --webhook URL          the bot's voice webhook (default: the bot that npm start runs)
  --media-base ws://HOST:PORT
                         dial this origin instead of the one in the stream's address
  --json                 print the result as one line of JSON and nothing else
  --faults NAME[,NAME]   what goes wrong on the line, with figures where the usual ones do not do: jitter=120,loss=5
  --faults list          the faults there are
  --seed N               makes the same plan of faults again (default 1)
  --help

The call is placed through the simulated line that npm start runs (TWILIO_SIM_PORT, default 3003). Where none runs and --webhook is
given, the line runs in this process; it signs with TWILIO_AUTH_TOKEN and TWILIO_ACCOUNT_SID.`;

/** @throws Error of one line for an option that does not exist or has no value, FaultOrderError for a seed that is none. */
export function parseOptions(args: readonly string[]): CommandOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      script: { type: 'string', default: 'appointment-fr' },
      webhook: { type: 'string' },
      'media-base': { type: 'string' },
      faults: { type: 'string' },
      seed: { type: 'string' },
      json: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return {
    script: values.script,
    webhook: values.webhook,
    mediaBase: values['media-base'],
    faults: values.faults,
    seed: values.seed === undefined ? undefined : parseSeed(values.seed),
    isJson: values.json,
    isList: values.list,
    isHelp: values.help,
  };
}

function parseSeed(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new FaultOrderError(`--seed must be a whole number of at most nine digits, not "${text}"`);
}
