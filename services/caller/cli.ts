import { existsSync } from 'node:fs';
import { listScripts, readScript } from './adapters/script-files.ts';
import { describeFailure, describeNews, describeResult, describeSigning } from './command/dialogue.ts';
import { followCall, hangUp } from './command/line-client.ts';
import { type OpenLine, openLine } from './command/open-line.ts';
import { type CommandOptions, HELP, parseOptions } from './command/options.ts';
import { readInput, UsageError } from './command/usage-error.ts';
import { describeFault, FAULT_NAMES } from './domain/faults/catalogue.ts';
import type { CallNews } from './domain/switchboard.ts';

/** `npm run call`: one simulated call, told as it goes. */
async function main(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const options = parseOptions(process.argv.slice(2));
  if (options.isHelp) return console.log(HELP);
  if (options.isList) return printScripts();
  if (options.faults === 'list') return printFaults();
  const script = readInput(() => readScript(options.script).name);
  const line = await openLine(options);
  try {
    await tellCall(line, script, options);
  } finally {
    await line.close();
  }
}

function printScripts(): void {
  for (const name of listScripts()) console.log(`${name.padEnd(16)} ${readScript(name).description}`);
}

function printFaults(): void {
  for (const name of FAULT_NAMES) {
    const { does, figures } = describeFault(name);
    const usual = figures.length > 0 ? ` (${name}=${figures.map((one) => one.usual).join('/')})` : '';
    console.log(`${name.padEnd(16)} ${does}${usual}`);
  }
}

async function tellCall(line: OpenLine, script: string, options: CommandOptions): Promise<void> {
  const problems: string[] = [];
  const onNews = (news: CallNews) => {
    if (news.type === 'ended' && news.message !== null) problems.push(news.message);
    const text = options.isJson ? undefined : describeNews(news);
    if (text !== undefined) console.log(text);
  };
  const order = {
    script,
    ...(options.webhook !== undefined && { webhook: options.webhook }),
    ...(options.mediaBase !== undefined && { mediaBase: options.mediaBase }),
    ...(options.recordings.length > 0 && {
      recordings: options.recordings.map((bytes) => Buffer.from(bytes).toString('base64')),
    }),
    ...(options.faults !== undefined && { faults: options.faults }),
    ...(options.seed !== undefined && { seed: options.seed }),
  };
  // Ctrl-C hangs up, as it would on a telephone; the result is still told.
  const onPlaced = (callSid: string) => {
    process.once('SIGINT', () => void hangUp(line.url, callSid).catch(() => process.exit(1)));
  };
  if (!options.isJson && options.webhook !== undefined) console.log(describeSigning(line.tokenFrom));
  const result = await followCall(line.url, order, onNews, onPlaced);
  const failure = describeFailure(result, problems, line.tokenFrom);
  // A bot that never answered leaves nothing to print.
  const isConnected = result.durationMs > 0;
  if (options.isJson && isConnected) console.log(JSON.stringify(result));
  else if (!options.isJson && isConnected) for (const text of describeResult(result)) console.log(text);
  if (failure !== undefined) throw new Error(failure);
}

main().then(
  () => process.exit(0),
  (error: Error) => {
    console.error(`call: ${error.message.split('\n', 1)[0]}`);
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);
