import { capacity } from './capacity.ts';
import { collector } from './collector.ts';
import { ends } from './ends.ts';
import { kit } from './kit.ts';
import { soak } from './soak.ts';
import { volume } from './volume.ts';
import { wait } from './wait.ts';

/** Benches by name: `npm run bench -- NAME [--json]`. The last line of each is one JSON object. */
const BENCHES: Readonly<Record<string, (args: readonly string[]) => Promise<object>>> = {
  capacity,
  collector,
  ends,
  kit,
  soak,
  volume,
  wait,
};

const [name = '', ...args] = process.argv.slice(2);
const bench = BENCHES[name];
if (!bench) {
  process.stderr.write(`npm run bench -- NAME, where NAME is one of: ${Object.keys(BENCHES).join(', ')}\n`);
  process.exit(1);
}
const result = await bench(args);
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);
