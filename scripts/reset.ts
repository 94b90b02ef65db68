// `npm run reset`: empties the data folder after asking (`--yes` answers), never under a running set.
import { connect } from 'node:net';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { emptyDataFolder, findDataFolder } from './data-folder.ts';

/** Doors of the set that keep files open, as variable and default port. */
const DOORS = [
  ['BOT_PORT', 3000],
  ['RECORDS_PORT', 3001],
  ['VIEWER_PORT', 4300],
] as const;
const ANSWER_WITHIN_MS = 500;
const HELP = `npm run reset -- [--yes]

  empties the data folder (CALLSPAN_DATA_DIR, default .callspan), secrets made at first start included;
  folders of engines that were started by hand in it stay (docs/alerting.md)
  --yes, -y              does not ask
  --help                 this text`;

try {
  await reset();
} catch (error) {
  process.stderr.write(`reset: ${error instanceof Error ? error.message.split('\n', 1)[0] : String(error)}\n`);
  process.exitCode = 1;
}

async function reset(): Promise<void> {
  const { values } = parseArgs({
    options: { yes: { type: 'boolean', short: 'y', default: false }, help: { type: 'boolean', default: false } },
  });
  if (values.help) return say(HELP);
  const folder = findDataFolder(process.env.CALLSPAN_DATA_DIR || '.callspan', process.cwd());
  if (!folder || folder.entries.length === 0) return say('Nothing to delete.');
  await refuseWhileRunning();
  if (!values.yes && !(await askToDelete(`${folder.path} (${folder.entries.join(', ')})`))) return say('Kept.');
  emptyDataFolder(folder);
  return say(`Emptied ${folder.path}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function refuseWhileRunning(): Promise<void> {
  for (const [variable, defaultPort] of DOORS) {
    const port = Number(process.env[variable] || defaultPort);
    if (await isAnswered(port)) {
      throw new Error(`something answers on 127.0.0.1:${port} (${variable}): stop Callspan first`);
    }
  }
}

function isAnswered(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: ANSWER_WITHIN_MS });
    const answer = (answered: boolean) => () => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', answer(true)).once('error', answer(false)).once('timeout', answer(false));
  });
}

async function askToDelete(what: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Error('nobody can be asked here: add --yes to delete without asking');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`Delete everything in ${what}? [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}
