import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mountMetrics } from 'callspan';
import express, { type RequestHandler } from 'express';
import type { BotConfig } from './config.ts';

/**
 * The listener for operators, on loopback: `/healthz` (the process lives), `/readyz` (it takes calls), `/metrics` (for
 * Prometheus). Probes are answered under any name; the figures only under this machine's own, or with their token.
 */
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
  // With a token the kit asks for it, and whoever has it may come through a proxy.
  if (!config.hasMetricsToken) app.use(localOnly);
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

/** Lets in who asks for this machine by its own name: a web page whose name was pointed at 127.0.0.1 is refused. */
const localOnly: RequestHandler = (request, response, next) => {
  const name = URL.parse(`http://${request.headers.host ?? ''}`)?.hostname ?? '';
  if (name === 'localhost' || name === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(name)) return next();
  const message = 'beside /healthz and /readyz this listener answers requests to localhost only';
  response.status(403).json({ error: { code: 'forbidden_host', message } });
};
