import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { BotConfig } from './config.ts';

/** The listener for operators, on loopback: `/healthz` (the process lives) and `/readyz` (it takes calls). */
export async function startOperations(
  config: BotConfig,
  state: { readonly ready: () => boolean },
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const app = express();
  app.disable('x-powered-by');
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  app.get(
    '/readyz',
    (_request, response) => void response.status(state.ready() ? 200 : 503).json({ ready: state.ready() }),
  );
  app.use(
    (_request, response) =>
      void response.status(404).json({ error: { code: 'not_found', message: 'only /healthz and /readyz are here' } }),
  );
  const server = createServer(app);
  server.listen(config.operationsPort, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
