import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

let hasTold = false;

/**
 * Whether this Node is older than the kit needs (`engines` of its package.json): nothing of it is started then. Runs in any
 * Node, and so uses nothing that is new.
 */
export function isNodeTooOld(): boolean {
  const own = numbersOf(process.versions.node);
  const needed = numbersOf(neededNode());
  const at = needed.findIndex((number, index) => own[index] !== number);
  return at >= 0 && (own[at] ?? 0) < (needed[at] ?? 0);
}

/** Says once on stderr which Node is needed. */
export function tellNodeTooOld(): void {
  if (hasTold) return;
  hasTold = true;
  process.stderr.write(
    `callspan: this Node is ${process.versions.node} and the kit needs ${neededNode()}: the bot runs without tracing. Install a newer Node to trace it\n`,
  );
}

function neededNode(): string {
  return (load('../package.json') as { engines: { node: string } }).engines.node;
}

function numbersOf(version: string): number[] {
  return version
    .replace(/^[^\d]*/, '')
    .split('.')
    .map(Number);
}
