// Makes the engines of the engine tests: `node --conditions=source test/engines/build/main.ts [NAME...]`.
// Ends with 2 where there is no Go to make them with.
import { buildEngines, chooseEngines } from './build.ts';

try {
  const { missing } = await buildEngines(chooseEngines(process.argv.slice(2)), (line) => console.log(line));
  if (missing !== undefined) console.error(missing);
  process.exitCode = missing === undefined ? 0 : 2;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
