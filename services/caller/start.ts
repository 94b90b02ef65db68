import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, createClock } from '../line/clock.ts';
import { createCallerApp } from './adapters/http/app.ts';
import { type CallOrder, RequestError } from './adapters/http/call-order.ts';
import { createLookUps } from './adapters/look-ups.ts';
import { createMediaDialler } from './adapters/media-socket.ts';
import { listScripts, readScript, ScriptError } from './adapters/script-files.ts';
import { createFormSender } from './adapters/send-form.ts';
import { createSigner } from './adapters/signature.ts';
import { parseXml } from './adapters/twiml-xml.ts';
import type { CallerConfig } from './config.ts';
import { type PlacedCall, startCall } from './domain/place-call.ts';
import type { LineDeps } from './domain/ports.ts';
import { type CallerScript, replaceInScript } from './domain/script.ts';
import { createSwitchboard, type Switchboard } from './domain/switchboard.ts';

/** The business that is called, a number of a range kept for fiction. */
const BUSINESS_NUMBER = '+33199000100';

/** Replaceable parts; each has the real one as default. */
export type CallerDeps = {
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly today?: () => Date;
  readonly scriptsFolder?: string;
};

/** The running simulated Twilio. */
export type RunningCaller = { readonly url: string; close(): Promise<void> };

/** Serves the simulated line on loopback. @throws Error when the port is in use (`EADDRINUSE`). */
export async function startCaller(config: CallerConfig, deps: CallerDeps = {}): Promise<RunningCaller> {
  const today = deps.today ?? (() => new Date());
  const switchboard = createSwitchboard(today);
  const app = createCallerApp({
    switchboard,
    accountSid: config.accountSid,
    authToken: config.authToken,
    placeCall: createPlacing(config, { ...deps, today }, switchboard),
    scripts: () => listScripts(deps.scriptsFolder).map((name) => describeScript(readScript(name, deps.scriptsFolder))),
  });
  const server = createServer(app);
  await listen(server, config.port);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      await Promise.race([switchboard.close(), delay(CLOSE_GRACE_MS, undefined, { ref: false })]);
      await closeServer(server);
    },
  };
}

/** How long the end of running calls may take when the process stops, in milliseconds. */
const CLOSE_GRACE_MS = 1500;

function createPlacing(config: CallerConfig, deps: CallerDeps & { today: () => Date }, switchboard: Switchboard) {
  const sign = createSigner(config.authToken, config.publicBaseUrl);
  const shared = {
    clock: deps.clock ?? createClock(config.speed),
    random: deps.random ?? Math.random,
    today: deps.today,
    accountSid: config.accountSid,
    sendForm: createFormSender(sign),
    parseXml,
    lookUps: createLookUps({ viewerUrl: config.viewerUrl, recordsUrl: config.recordsUrl, clock: createClock() }),
  };
  return (order: CallOrder): PlacedCall => {
    const { mediaBase } = order;
    const openMediaSocket = createMediaDialler({ sign, ...(mediaBase !== undefined && { mediaBase }) });
    const line: LineDeps = { ...shared, openMediaSocket };
    const script = findScript(order, deps.scriptsFolder);
    // Somebody else's bot has no status callback of ours.
    const statusCallbackUrl =
      order.statusCallback ?? (order.webhook === undefined ? config.statusCallbackUrl : undefined);
    return switchboard.place((onEvent) =>
      startCall(
        {
          webhookUrl: order.webhook ?? config.webhookUrl,
          script,
          to: order.to ?? BUSINESS_NUMBER,
          onEvent,
          ...(order.from !== undefined && { from: order.from }),
          ...(order.recordings !== undefined && { recordings: order.recordings }),
          ...(order.muted !== undefined && { isMuted: order.muted }),
          ...(order.faults !== undefined && { faults: order.faults }),
          ...(order.seed !== undefined && { seed: order.seed }),
          ...(statusCallbackUrl !== undefined && { statusCallbackUrl }),
        },
        line,
      ),
    );
  };
}

function findScript(order: CallOrder, folder: string | undefined): CallerScript {
  const script = readKnownScript(order.script, folder);
  const replaced = order.replace ? replaceInScript(script, order.replace) : script;
  if (replaced) return replaced;
  throw new RequestError(400, 'invalid_request', 'replace: leaves words of the caller empty or too long to be spoken');
}

function readKnownScript(name: string, folder: string | undefined): CallerScript {
  try {
    return readScript(name, folder);
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    throw new RequestError(error.code === 'unknown_script' ? 404 : 422, error.code, error.message, error);
  }
}

function describeScript({ name, description }: CallerScript): { name: string; description: string } {
  return { name, description };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
