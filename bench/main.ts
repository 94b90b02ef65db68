import { capacity } from './capacity.ts';
import { collector } from './collector.ts';
import { ends } from './ends.ts';
import { kit } from './kit.ts';
import { soak } from './soak.ts';
import { volume } from './volume.ts';
import { wait } from './wait.ts';

type Bench = (args: readonly string[]) => Promise<object>;

/** Benches by name, with what may stand behind it: `npm run bench -- NAME`. The last line of each is one JSON object. */
const BENCHES: Readonly<Record<string, readonly [run: Bench, options: string]>> = {
  capacity: [capacity, '[--write]: into docs/production.md'],
  collector: [collector, '[--calls N]'],
  ends: [ends, '[CALLS] [SEED]'],
  kit: [
    kit,
    '[--processes N] [--rounds N] [--warm-up N] [--calls N] [--speed N] [--profile DIR] [--set NAME=VALUE]...',
  ],
  soak: [soak, '[CALLS]'],
  volume: [volume, '[--calls N] [--speed N] [--capture off|masked|full] [--save FILE]'],
  wait: [wait, '[CALLS OF EACH KIND] [CALLS AT ONCE]'],
};

const USAGE = `npm run bench -- NAME, where NAME is one of
${Object.entries(BENCHES)
  .map(([name, [, options]]) => `  ${name.padEnd(10)} ${options}\n`)
  .join('')}The last line of each is one JSON object.
`;

const [name = '', ...args] = process.argv.slice(2);
const [bench] = Object.hasOwn(BENCHES, name) ? (BENCHES[name] ?? []) : [];
if (name === '--help' || args.includes('--help')) {
  process.stdout.write(USAGE);
  process.exit(0);
}
if (!bench) {
  process.stderr.write(USAGE);
  process.exit(2);
}
try {
  process.stdout.write(`${JSON.stringify(await bench(args))}\n`);
} catch (error) {
  if (!String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS_')) throw error;
  process.stderr.write(`npm run bench -- ${name}: ${(error as Error).message}\n${USAGE}`);
  process.exit(2);
}
process.exit(0);
