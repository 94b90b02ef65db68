import express, { type ErrorRequestHandler, type Express } from 'express';
import { describeFault, FAULT_NAMES } from '../../domain/faults/catalogue.ts';
import type { PlacedCall } from '../../domain/place-call.ts';
import type { Switchboard } from '../../domain/switchboard.ts';
import { type CallOrder, parseCallOrder, RequestError } from './call-order.ts';
import { localOnly } from './local-only.ts';
import { createTwilioRest } from './twilio-rest.ts';

/** What the server needs. `placeCall` may throw a RequestError. */
export type CallerAppOptions = {
  readonly switchboard: Switchboard;
  readonly accountSid: string;
  readonly authToken: string;
  readonly placeCall: (order: CallOrder) => PlacedCall;
  readonly scripts: () => readonly { readonly name: string; readonly description: string }[];
};

// Recordings of some minutes, in base64.
const LARGEST_ORDER = '16mb';

/** Own API (`/calls`, `/scripts`, `/faults`, `/healthz`; errors are `{ error: { code, message } }`) beside Twilio's REST (`/2010-04-01`). */
export function createCallerApp(options: CallerAppOptions): Express {
  const { switchboard } = options;
  const app = express();
  app.disable('x-powered-by');
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  app.use(localOnly);
  app.get('/scripts', (_request, response) => {
    response.json({ scripts: options.scripts() });
  });
  app.get('/faults', (_request, response) => {
    response.json({ faults: FAULT_NAMES.map((name) => ({ name, ...describeFault(name) })) });
  });
  app.post('/calls', express.json({ limit: LARGEST_ORDER }), async (request, response) => {
    const order = parseCallOrder(request.body);
    const call = options.placeCall(order);
    if (order.wait) response.json(await call.result);
    else response.status(202).json({ callSid: call.callSid });
  });
  app.get('/calls/:callSid', async (request, response) => {
    const { callSid } = request.params;
    const entry = switchboard.find(callSid);
    if (!entry) throw unknownCall(callSid);
    if (request.query.wait === 'true') response.json(await switchboard.waitFor(callSid));
    else response.json({ callSid, state: entry.result ? 'ended' : 'live', events: entry.events, result: entry.result });
  });
  app.delete('/calls/:callSid', (request, response) => {
    const { callSid } = request.params;
    if (!switchboard.find(callSid)) throw unknownCall(callSid);
    switchboard.hangUp(callSid, 'caller');
    response.sendStatus(204);
  });
  app.get('/calls/:callSid/events', (request, response) => {
    const { callSid } = request.params;
    if (!switchboard.find(callSid)) throw unknownCall(callSid);
    response.setHeader('Content-Type', 'application/x-ndjson');
    const stop = switchboard.watch(callSid, (news) => {
      response.write(`${JSON.stringify(news)}\n`);
      if (news.type === 'result') response.end();
    });
    response.on('close', stop);
  });
  app.use('/2010-04-01', createTwilioRest(options));
  app.use((request, _response, next) => {
    next(new RequestError(404, 'not_found', `there is no ${request.method} ${request.path} here`));
  });
  app.use(answerError);
  return app;
}

function unknownCall(callSid: string): RequestError {
  return new RequestError(404, 'unknown_call', `no call ${callSid} was placed by this process`);
}

const answerError: ErrorRequestHandler = (error, _request, response, next) => {
  if (response.headersSent) return next(error);
  const { status, code, message } = describeError(error);
  response.status(status).json({ error: { code, message } });
  return undefined;
};

function describeError(error: unknown): { status: number; code: string; message: string } {
  if (error instanceof RequestError) return error;
  const { status, message } = error as { status?: unknown; message?: unknown };
  if (typeof status === 'number' && status < 500) return { status, code: 'invalid_request', message: String(message) };
  return { status: 500, code: 'internal', message: 'the simulated line failed' };
}
