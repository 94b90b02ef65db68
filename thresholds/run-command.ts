import { checkCommand } from './commands/check.ts';
import { type Command, type Surroundings, UsageError } from './commands/command.ts';
import { diffCommand } from './commands/diff.ts';
import { explainCommand } from './commands/explain.ts';
import { UnreachableError } from './commands/running-rules.ts';
import { findNearest } from './nearest.ts';
import { ThresholdsError } from './problems.ts';
import { simulateCommand } from './simulate.ts';

/** `npm run thresholds -- NAME`. */
const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['check', checkCommand],
  ['explain', explainCommand],
  ['diff', diffCommand],
  ['simulate', simulateCommand],
]);

/** What the whole of them may use of the process. */
export type CommandSurroundings = Surroundings & { printError(line: string): void };

/**
 * Runs the command that the first argument names; without one the help.
 * @returns the exit code: 0 as it should be, 1 something is wrong or differs, 2 wrong arguments or nobody answers
 */
export async function runCommand(
  [name = '--help', ...args]: readonly string[],
  { printError, ...surroundings }: CommandSurroundings,
): Promise<number> {
  if ([name, ...args].includes('--help') || name === '-h') {
    surroundings.print(describeUsage());
    return 0;
  }
  try {
    const command = COMMANDS.get(name);
    if (!command) throw new UsageError(`there is no command ${name}${suggest(name)}`);
    return await command.run(args, surroundings);
  } catch (error) {
    if (error instanceof UsageError) {
      printError(`${error.message}\nnpm run thresholds -- --help says what there is`);
      return 2;
    }
    if (!(error instanceof ThresholdsError || error instanceof UnreachableError)) throw error;
    printError(error.message);
    return error instanceof ThresholdsError ? 1 : 2;
  }
}

function suggest(command: string): string {
  const names = [...COMMANDS.keys()];
  const nearest = findNearest(command, names);
  return nearest ? ` (did you mean ${nearest}?)` : `: choose from ${names.join(', ')}`;
}

function describeUsage(): string {
  const commands = [...COMMANDS.values()].flatMap(({ usage, purpose }) => [`  ${usage}`, `      ${purpose}`]);
  return [
    'npm run thresholds -- COMMAND',
    ...commands,
    'Exit code: 0 as it should be; 1 something is wrong, or differs; 2 wrong arguments, or something was not reached.',
  ].join('\n');
}
