import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, createClock } from '../line/clock.ts';
import { createStandinApp } from './adapters/http/app.ts';
import { attachRealtime } from './adapters/realtime/server.ts';
import type { StandinConfig } from './config.ts';
import { createPromptCache } from './domain/chat/tokens.ts';
import { createFaultBoard } from './domain/faults.ts';
import { createLatencySource } from './domain/latency.ts';
import { createRandom, deriveSeed } from './domain/random.ts';
import { createRateLimits } from './domain/rate-limit.ts';
import { createResponseStore } from './domain/responses/store.ts';
import type { Standin } from './domain/standin.ts';

/** It holds no data and no key: nobody but this machine has business with it, unless it was told otherwise. */
const LOOPBACK = '127.0.0.1';

/** Replaceable parts; each has the real one as default. */
export type StandinDeps = {
  readonly clock?: Clock;
  /** Epoch milliseconds. */
  readonly wallClock?: () => number;
};

/** The running stand-in. `url` is its base without `/v1`. */
export type RunningStandin = { readonly url: string; close(): Promise<void> };

/** Opens the stand-in of the model API. It is not instrumented and ignores trace headers: it plays an outside vendor. @throws Error `EADDRINUSE` when the port is taken. */
export async function startStandin(config: StandinConfig, deps: StandinDeps = {}): Promise<RunningStandin> {
  const clock = deps.clock ?? createClock(config.speed);
  const wallClock = deps.wallClock ?? Date.now;
  const standin: Standin = {
    ...(config.apiKey !== undefined && { apiKey: config.apiKey }),
    clock,
    latencies: createLatencySource(config.seed, config.profile),
    faults: createFaultBoard(),
    promptCache: createPromptCache(),
    rateLimits: createRateLimits(clock.now),
    responses: createResponseStore(),
    random: createRandom(deriveSeed(config.seed, 'ids')),
    epochSeconds: () => Math.floor(wallClock() / 1_000),
  };
  const server = createServer(createStandinApp(standin));
  const realtime = attachRealtime(server, standin);
  const host = config.host ?? LOOPBACK;
  await listen(server, host, config.port);
  const { port } = server.address() as AddressInfo;
  const close = () => {
    realtime.close();
    return closeServer(server);
  };
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`, close };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** At once: a request that a fault keeps hanging would never end by itself. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
