import { checkCommand } from './commands/check.ts';
import { type Command, UsageError } from './commands/command.ts';
import { diffCommand } from './commands/diff.ts';
import { explainCommand } from './commands/explain.ts';
import { UnreachableError } from './commands/running-rules.ts';
import { ThresholdsError } from './problems.ts';
import { simulateCommand } from './simulate.ts';

/** `npm run thresholds -- NAME`. */
const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['check', checkCommand],
  ['explain', explainCommand],
  ['diff', diffCommand],
  ['simulate', simulateCommand],
]);

const [name = '--help', ...args] = process.argv.slice(2);
process.exitCode = await run(name, args);

async function run(command: string, rest: readonly string[]): Promise<number> {
  if (command === '--help' || command === '-h' || rest.includes('--help')) {
    console.log(describeUsage());
    return 0;
  }
  try {
    const found = COMMANDS.get(command);
    if (!found) throw new UsageError(`there is no command ${command}: choose from ${[...COMMANDS.keys()].join(', ')}`);
    return await found.run(rest, { env: process.env, print: (line) => console.log(line) });
  } catch (error) {
    if (error instanceof ThresholdsError) {
      console.error(error.message);
      return 1;
    }
    if (error instanceof UnreachableError) {
      console.error(error.message);
      return 2;
    }
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\nnpm run thresholds -- --help says what there is`);
    return 2;
  }
}

function describeUsage(): string {
  const commands = [...COMMANDS.values()].flatMap(({ usage, purpose }) => [`  ${usage}`, `      ${purpose}`]);
  return [
    'npm run thresholds -- COMMAND',
    ...commands,
    'Exit code: 0 as it should be; 1 something is wrong, or differs; 2 wrong arguments, or something was not reached.',
  ].join('\n');
}
