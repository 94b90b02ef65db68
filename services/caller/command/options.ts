import { parseArgs } from 'node:util';
import { parseFaults } from '../domain/faults/fault-order.ts';
import { isMediaBase } from '../domain/media-base.ts';
import { readRecordings } from './recordings.ts';
import { readInput, UsageError } from './usage-error.ts';

/** What a person asked for on the command line. */
export type CommandOptions = {
  readonly script: string;
  /** An http(s) address, checked. */
  readonly webhook: string | undefined;
  readonly mediaBase: string | undefined;
  readonly authToken: string | undefined;
  /** What the caller says in place of the modem, in the order of the utterances: µ-law at 8 kHz. */
  readonly recordings: readonly Uint8Array[];
  /** As written and checked; 'list' asks for the names. */
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
  --webhook URL          the voice webhook of any bot (default: the bot that npm start runs)
  --media-base ws://HOST:PORT
                         dial this origin instead of the one in the stream's address: for a bot on this machine whose
                         TwiML names a public one
  --auth-token TOKEN     sign with this token instead of TWILIO_AUTH_TOKEN (with --webhook; others on this machine can
                         see it in the list of processes)
  --audio FILE[,FILE]    the caller's utterances, in their order, are these WAV files in place of the modem: for a bot
                         with real speech recognition (the script still says when they are spoken)
  --json                 print the result as one line of JSON and nothing else
  --faults NAME[,NAME]   what goes wrong on the line, with figures where the usual ones do not do: jitter=120,loss=5
  --faults list          the faults there are
  --seed N               makes the same plan of faults again (default 1)
  --help

Without --webhook the call goes through the simulated line that npm start runs (TWILIO_SIM_PORT, default 3003). With it
nothing else needs to run: the line is in this process, unless the one of npm start runs and has the same account.

Requests are signed with --auth-token, else TWILIO_AUTH_TOKEN (or TWILIO_AUTH_TOKEN_FILE), else the token that npm start
made; with none of them a made-up token signs, which only a bot that checks no signatures accepts. PUBLIC_BASE_URL replaces
the origin in what is signed, for a bot that checks against its public address. Trace, transcripts and outcome come from
VIEWER_URL, the record from RECORDS_URL; they are null where neither is reachable.

The caller's words are the sound of an acoustic modem: a bot hears them when its models are the stand-in
(OPENAI_BASE_URL=http://127.0.0.1:3002/v1), any other speech recognition hears noise unless --audio gives it real speech.
Waits are measured either way.

Exit codes: 0 the call took place, 1 it failed, 2 wrong usage or configuration.`;

/** @throws UsageError of one line for an option that does not exist, has no value or a wrong one. */
export function parseOptions(args: readonly string[]): CommandOptions {
  const values = readInput(() => parseArguments(args));
  const webhook = values.webhook === undefined ? undefined : parseAddress('--webhook', values.webhook, WEBHOOK);
  const mediaBase = values['media-base'];
  if (values['auth-token'] === '') throw new UsageError('--auth-token must not be empty');
  if (values['auth-token'] !== undefined && webhook === undefined)
    throw new UsageError('--auth-token goes with --webhook: the line of npm start has its own token');
  const { faults } = values;
  if (faults !== undefined && faults !== 'list') readInput(() => parseFaults(faults), '--faults ');
  return {
    script: values.script,
    webhook,
    mediaBase: mediaBase === undefined ? undefined : parseAddress('--media-base', mediaBase, MEDIA_BASE),
    authToken: values['auth-token'],
    recordings: values.audio === undefined ? [] : readRecordings(values.audio),
    faults,
    seed: values.seed === undefined ? undefined : parseSeed(values.seed),
    isJson: values.json,
    isList: values.list,
    isHelp: values.help,
  };
}

function parseArguments(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      script: { type: 'string', default: 'appointment-fr' },
      webhook: { type: 'string' },
      'media-base': { type: 'string' },
      'auth-token': { type: 'string' },
      audio: { type: 'string' },
      faults: { type: 'string' },
      seed: { type: 'string' },
      json: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return values;
}

const isWebhook = (text: string) => /^https?:$/.test(URL.parse(text)?.protocol ?? '');
const WEBHOOK = { isRight: isWebhook, form: 'an address like http://127.0.0.1:8080/voice' };
const MEDIA_BASE = { isRight: isMediaBase, form: 'an origin like ws://127.0.0.1:8080' };

function parseAddress(option: string, text: string, { isRight, form }: typeof WEBHOOK): string {
  if (!isRight(text)) throw new UsageError(`${option} must be ${form}, not "${text}"`);
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') throw new UsageError(`${option} must not hold a user or password`);
  return text;
}

function parseSeed(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`--seed must be a whole number of at most nine digits, not "${text}"`);
}
