import { createRequire } from 'node:module';
import { createCallspan } from '../callspan.ts';
import { onShutdown } from '../sdk/shutdown.ts';
import { shutdownTelemetry, startTelemetry } from '../sdk/start.ts';
import { watchAppCalls } from './app-calls.ts';
import { CallStreams } from './call-streams.ts';
import { readRegisterConfig } from './config.ts';
import { watchConsole } from './console-lines.ts';
import { watchEndOfProcess } from './end-of-process.ts';
import { createGuard } from './guard.ts';
import { findInstrumentations } from './instrumentations.ts';
import { createModuleHooks, type ModuleHook } from './module-hooks.ts';
import { createNotices } from './notices.ts';
import { watchGlobalWebSocket } from './realtime-sockets.ts';
import { createSightings } from './sightings.ts';
import { watchGlobalFetch, watchOpenAiClients } from './watch-fetch.ts';
import { watchWebSockets } from './watch-web-sockets.ts';
import { createWebhookRequestHook, watchWebhooks } from './watch-webhooks.ts';
import type { MediaStreamWatch } from './watched-stream.ts';
import { WebhookPlaces } from './webhook-places.ts';
import { WebhookPropagator } from './webhook-propagator.ts';
import { watchWinston } from './winston-lines.ts';

// CommonJS for the same reason as in start.ts.
const load = createRequire(import.meta.url);

/**
 * Traces the calls of a bot that was not written for it: Twilio's webhooks, media streams on the ws package, model calls by
 * the openai package, fetch or a Realtime socket, and what the app logs. Settings come from the environment alone. Called
 * once, before the app's first import. What cannot be watched runs as before, and the log says so (on stderr).
 * @throws Error when a setting is wrong
 */
export function startRegister(): void {
  const { disabled, mediaRate } = readRegisterConfig();
  if (disabled) return;
  const write = (line: string) => void process.stderr.write(`${line}\n`);
  const notices = createNotices(write);
  const guard = createGuard((error) => write(`callspan: could not watch: ${describe(error)}`));
  const { W3CTraceContextPropagator } = load('@opentelemetry/core') as typeof import('@opentelemetry/core');
  const propagator = new WebhookPropagator(new W3CTraceContextPropagator());
  const places = new WebhookPlaces();
  const streams = new CallStreams();
  const sightings = createSightings(notices);
  const { instrumentations, missing } = findInstrumentations();
  startTelemetry({
    propagator,
    http: {
      requestHook: createWebhookRequestHook(places),
      // A socket's handshake is no work, and what it is asked for is traced on the socket.
      ignoreOutgoingRequestHook: ({ headers }) => headers !== undefined && 'Upgrade' in headers,
    },
    instrumentations,
  });
  // Only now: a tracer that is asked for before there is an SDK stays without one when the SDK is the other build's.
  const callspan = createCallspan();
  const appCalls = watchAppCalls({ guard, callspan, streams, sightings, notices });
  const watch = { guard, callspan, places, streams, sightings, appCalls, mediaRate };
  createModuleHooks(moduleHooks(watch), guard);
  const onWebhook = (sid: string) => sightings.webhook(sid);
  guard(() => watchWebhooks({ guard, callspan, places, propagator, appCalls, onWebhook }));
  guard(() => watchGlobalFetch(watch));
  guard(() => watchGlobalWebSocket(watch));
  guard(() => watchConsole(guard));
  onShutdown(() => {
    sightings.close();
    for (const stream of streams.all()) guard(() => stream.shutdown());
  });
  watchEndOfProcess(guard, shutdownTelemetry);
  const watched = missing ? 'pg, console and winston' : 'pg, console, winston, pino, queues and other databases';
  notices.notice(
    `watching Twilio webhooks (node:http), media streams (ws), model calls (openai, fetch, Realtime sockets), ${watched}`,
  );
  if (missing) notices.notice(missing);
  if (process.versions.bun) notices.notice('under Bun nothing that is imported can be watched: use Node');
}

function moduleHooks(watch: MediaStreamWatch): ModuleHook[] {
  const { guard, sightings } = watch;
  const blind = (name: string, why: string): ModuleHook => ({
    name,
    versions: ['*'],
    patch: () => sightings.blind(name, why),
  });
  return [
    {
      name: 'ws',
      versions: ['>=7 <9'],
      patch(moduleExports) {
        sightings.module('ws');
        watchWebSockets(watch, moduleExports);
      },
    },
    {
      name: 'openai',
      versions: ['>=4 <8'],
      patch(moduleExports) {
        sightings.module('openai');
        watchOpenAiClients(watch, moduleExports);
      },
    },
    {
      name: 'winston',
      versions: ['>=3 <4'],
      file: 'winston/lib/winston/logger.js',
      patch: (moduleExports) => watchWinston(moduleExports, guard),
    },
    blind('uWebSockets.js', 'its sockets cannot be watched; media streams are seen on the ws package'),
    blind('socket.io', 'its sockets are not watched; media streams are seen on the ws package'),
  ];
}

function describe(value: unknown): string {
  return value instanceof Error ? `${value.name}: ${value.message}` : String(value);
}
