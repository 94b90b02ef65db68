import { once } from 'node:events';
import { type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createCallspan, createWebhookTracing } from '../../../otel/src/index.ts';
import { type MetricRecorder, startMetricRecorder } from '../../helpers/recorded-metrics.ts';
import { durationMs, type SpanRecorder, startSpanRecorder } from '../../helpers/recorded-spans.ts';

const { jest } = import.meta;
const CALL_SID = `CA${'0f'.repeat(16)}`;

let recorder: SpanRecorder;
let metrics: MetricRecorder;
let server: Server | undefined;
beforeEach(() => {
  recorder = startSpanRecorder();
  metrics = startMetricRecorder();
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  jest.restoreAllMocks();
  await metrics.close();
  await recorder.close();
});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** An application whose webhooks lie in a router of their own. @returns its address */
async function serve(answer: Handler, beforePlace: Handler = () => undefined): Promise<string> {
  const tracing = createWebhookTracing(createCallspan({ tracer: recorder.tracer, meter: metrics.meter }));
  const router = express.Router();
  router.post(/.*/, (incoming, response) => {
    beforePlace(incoming, response);
    const place = () =>
      tracing.place(incoming, response, { callSid: 'CA1', place: 'root', next: () => answer(incoming, response) });
    if (incoming.headers['x-late'] === undefined) place();
    else response.once('close', () => setImmediate(place));
  });
  server = express().use(tracing.arrived).use('/twilio', router).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/twilio`;
}

/** Gives up as soon as `begun` says that the request has arrived. */
async function giveUp(url: string, begun: Promise<unknown>, headers: Record<string, string> = {}): Promise<void> {
  const asked = request(url, { method: 'POST', headers });
  asked.on('error', () => undefined);
  asked.end();
  await begun;
  asked.destroy();
}

test('the span of a webhook has its whole path, and a route without the ids in it', async () => {
  const url = await serve((_request, response) => void response.end('ok'));
  await fetch(`${url}/voice/${CALL_SID}?x=1`, { method: 'POST' });
  const { attributes } = await recorder.ended('POST /twilio/voice/{id}');
  expect(attributes).toMatchObject({
    'http.route': '/twilio/voice/{id}',
    'url.path': `/twilio/voice/${CALL_SID}`,
    'http.response.status_code': 200,
  });
  expect(attributes).not.toHaveProperty(['error.type']);
});

test('a webhook whose client had gone before the answer is cancelled, and has no status', async () => {
  const begun = Promise.withResolvers<void>();
  const url = await serve(() => begun.resolve());
  await giveUp(`${url}/voice`, begun.promise);
  const { attributes } = await recorder.ended('POST /twilio/voice');
  expect(attributes).toMatchObject({ 'error.type': 'cancelled' });
  expect(attributes).not.toHaveProperty(['http.response.status_code']);
  expect(await metrics.points('http.server.request.duration')).toMatchObject([
    { labels: { 'error.type': 'cancelled', 'http.route': '/twilio/voice' } },
  ]);
});

test('a webhook that is placed when its client has gone already has a span all the same, and that ends', async () => {
  const begun = Promise.withResolvers<void>();
  const url = await serve(
    () => undefined,
    () => begun.resolve(),
  );
  await giveUp(`${url}/late`, begun.promise, { 'x-late': 'yes' });
  const { attributes } = await recorder.ended('POST /twilio/late');
  expect(attributes).toMatchObject({ 'error.type': 'cancelled' });
  expect(recorder.open()).toEqual([]);
});

test('a clock that is set back while a webhook is answered does not shorten it', async () => {
  const wallClock = Date.now.bind(Date);
  const url = await serve((_request, response) => {
    jest.spyOn(Date, 'now').mockImplementation(() => wallClock() - 60_000);
    response.end('ok');
  });
  await fetch(`${url}/voice`, { method: 'POST' });
  expect(durationMs(await recorder.ended('POST /twilio/voice'))).toBeGreaterThan(0);
  expect(await metrics.points('http.server.request.duration')).toHaveLength(1);
});
