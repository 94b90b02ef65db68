// Refuses to go on under a Node that cannot run the sources: one line instead of a stack trace.
import { readFileSync } from 'node:fs';

const wanted = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).engines.node.replace(
  '>=',
  '',
);
const asNumbers = (version) => version.split('.').map(Number);
const [a, b] = [asNumbers(process.versions.node), asNumbers(wanted)];
const older = a[0] !== b[0] ? a[0] < b[0] : a[1] !== b[1] ? a[1] < b[1] : a[2] < b[2];
if (older) {
  process.stderr.write(
    `Callspan needs Node >= ${wanted}; this is ${process.versions.node}. On Linux and Windows \`npm ci\` brings the right one; elsewhere install Node 24.\n`,
  );
  process.exit(1);
}
