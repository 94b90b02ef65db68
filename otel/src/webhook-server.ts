import type { IncomingMessage, Server } from 'node:http';

/** Servers whose requests get their span from `createWebhookTracing`, not from the HTTP instrumentation. */
const webhookServers = new WeakSet<object>();

/** Tells the HTTP instrumentation to leave the requests of `server` alone. */
export function ownWebhookSpans(server: Server): void {
  webhookServers.add(server);
}

/** True when the request came in on a server that makes its own spans. */
export function hasOwnWebhookSpans(request: IncomingMessage): boolean {
  const server = (request.socket as { server?: object } | undefined)?.server;
  return server !== undefined && webhookServers.has(server);
}
