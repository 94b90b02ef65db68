import { createServer } from 'node:net';
import { isEngine } from '../checks/engines.ts';
import type { Finding } from '../finding.ts';
import type { ComposeFile } from './compose-files.ts';

type Published = { readonly service: string; readonly host: string; readonly port: number };

/** Ports that services publish on this machine, as Compose's short form writes them. */
export function listPublished(compose: ComposeFile): readonly Published[] {
  return Object.entries(compose.services).flatMap(([service, { ports }]) =>
    (Array.isArray(ports) ? ports : []).map((text) => {
      const parts = String(text).split(':');
      const port = Number(parts.at(-2));
      return { service, host: parts.length > 2 ? parts.slice(0, -2).join(':') : '0.0.0.0', port };
    }),
  );
}

/** Whether the ports are free. Where most of them are taken, or an engine answers at its own, the stack itself runs. */
export async function checkPublishedPorts(compose: ComposeFile): Promise<readonly Finding[]> {
  const published = listPublished(compose);
  const asked = await Promise.all(published.map(async (one) => ({ ...one, taken: await isPortTaken(one) })));
  const taken = asked.filter((one) => one.taken);
  const ok = { id: 'stack.port', level: 'ok', where: 'published ports', wayOut: '' } as const;
  if (taken.length === 0) return [{ ...ok, what: `all ${published.length} ports are free` }];
  const engines = await Promise.all(taken.map(isItself));
  if (engines.includes(true) || taken.length > published.length / 2) {
    return [{ ...ok, what: `${taken.length} of ${published.length} ports are in use: the stack runs` }];
  }
  return taken.map(({ service, host, port }) => ({
    id: 'stack.port',
    level: 'error',
    what: `port ${port} of ${service} is in use`,
    where: `${host}:${port}`,
    wayOut: 'stop what holds it (ss -ltnp), or publish another one in a Compose file of your own',
  }));
}

function isItself({ service, port }: Published): Promise<boolean> {
  return isEngine(service, `http://127.0.0.1:${port}`);
}

function isPortTaken({ host, port }: Published): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    // A port below 1024 that we may not open says nothing of whether it is taken.
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRINUSE'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(false)));
  });
}
