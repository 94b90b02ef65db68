import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that systems give to whoever connects or asks for any port: a found one is still free a second later. */
const FIRST = 20_000;
const LAST = 32_000;

/** So many ports that nobody listens on, on any address of this machine. */
export async function findFreePorts(count: number): Promise<readonly number[]> {
  const servers = new Map<number, ReturnType<typeof createServer>>();
  while (servers.size < count) {
    const port = randomInt(FIRST, LAST);
    if (servers.has(port)) continue;
    const server = createServer().listen(port);
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (isFree) servers.set(port, server);
  }
  await Promise.all([...servers.values()].map((server) => new Promise((resolve) => server.close(resolve))));
  return [...servers.keys()];
}
