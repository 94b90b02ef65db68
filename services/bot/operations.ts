import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mountMetrics } from 'callspan';
import express from 'express';
import type { BotConfig } from './config.ts';

/** The listener for operators, on loopback: `/healthz` (the process lives), `/readyz` (it takes calls), `/metrics` (for Prometheus). */
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
  const metrics = await mountMetrics();
  if (metrics) app.all('/metrics', (request, response) => metrics(request, response));
  app.use(
    (_request, response) =>
      void response.status(404).json({
        error: {
          code: 'not_found',
          message: metrics
            ? 'only /healthz, /readyz and /metrics are here'
            : 'only /healthz and /readyz are here; metrics are off',
        },
      }),
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
