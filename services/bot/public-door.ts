import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { context } from '@opentelemetry/api';
import { type Callspan, createWebhookTracing, type Logger, ownWebhookSpans } from 'callspan';
import { LogEvent } from 'callspan/conventions';
import { acceptMediaUpgrades } from './adapters/twilio/media-upgrade.ts';
import { createSignatureCheck } from './adapters/twilio/signature.ts';
import type { StreamTokens } from './adapters/twilio/stream-token.ts';
import { createWebhookApp, type WebhookAppOptions } from './adapters/twilio/webhook-app.ts';
import type { Calls } from './calls.ts';
import type { BotConfig } from './config.ts';
import { createWebhooks } from './webhooks.ts';

const MEDIA_PATH = '/media';

type DoorParts = {
  readonly callspan: Callspan;
  readonly logger: Logger;
  readonly tokens: StreamTokens;
  readonly calls: Calls;
  readonly draining: () => boolean;
};

/** Opens the public listener: webhooks and media streams, each only with Twilio's signature. */
export async function openPublicDoor(
  config: BotConfig,
  parts: DoorParts,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const { callspan, logger, tokens, calls, draining } = parts;
  const server = createServer({ requestTimeout: 8000, headersTimeout: 5000, connectionsCheckingInterval: 1000 });
  // Before the first request: the spans of this listener are the webhook tracing's, not the HTTP instrumentation's.
  ownWebhookSpans(server);
  server.listen(config.port, config.host);
  await once(server, 'listening');
  const url = addressOf(server);
  const publicBaseUrl = config.publicBaseUrl ?? url;
  const signatures = createSignatureCheck(config.twilioAuthToken, publicBaseUrl);
  const tracing = createWebhookTracing(callspan);
  const onRefused = (reason: string) => logger.warn('request refused', { event: LogEvent.callRejected, reason });
  const handlers = createWebhooks({
    callspan,
    tracing,
    tokens,
    publicBaseUrl,
    mediaPath: MEDIA_PATH,
    draining,
    hasEnded: calls.hasEnded,
  });
  const onServed: WebhookAppOptions['onServed'] = (served, response) => {
    const level = served.status >= 500 ? 'error' : 'info';
    const fields = { event: LogEvent.httpRequest, ...served };
    const message = `${served.method} ${served.route} ${served.status}`;
    context.with(tracing.contextOf(response), () => logger[level](message, fields));
  };
  const { twilioAccountSid: accountSid } = config;
  server.on(
    'request',
    createWebhookApp({ signatures, accountSid, handlers, arrived: tracing.arrived, onServed, onRefused }),
  );
  const sockets = acceptMediaUpgrades({
    server,
    path: MEDIA_PATH,
    signatures,
    onSocket: calls.serve,
    onRefused,
    draining,
  });
  return {
    url,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function addressOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
}
