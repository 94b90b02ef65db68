import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTraceState, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import { type ReadableSpan, type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { withCallRef } from '../../../otel/src/call/call-context.ts';
import { Metric } from '../../../otel/src/conventions/index.ts';
import { createInstruments } from '../../../otel/src/instruments.ts';
import { createRedactor } from '../../../otel/src/redaction/redactor.ts';
import { createPendingAnnouncer } from '../../../otel/src/sdk/pending.ts';
import { createRedactingProcessor } from '../../../otel/src/sdk/span-processors.ts';
import { startMetricRecorder } from '../../helpers/recorded-metrics.ts';

const redactor = createRedactor({ level: 'off' });
const SPAN_CONTEXT = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };

test('a processor of one’s own sees a span without personal data in any part of it', () => {
  const seen: ReadableSpan[] = [];
  const own: SpanProcessor = {
    onStart: () => undefined,
    onEnd: (span) => void seen.push(span),
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  const provider = new TracerProvider({ spanProcessors: [createRedactingProcessor(redactor), own] });
  const span = provider.getTracer('test').startSpan('call a@b.fr', {
    attributes: { name: 'Claire', kept: 1, 'client.address': '203.0.113.9', words: ['a@b.fr', 'fine'] },
    links: [{ context: SPAN_CONTEXT, attributes: { email: 'a@b.fr' } }],
  });
  span.addEvent('said a@b.fr');
  span.addEvent('exception', { 'exception.message': 'no a@b.fr', 'exception.stacktrace': 'at 203.0.113.9' });
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'password=hunter22' });
  span.end();
  expect(seen[0]).toMatchObject({
    name: 'call <email>',
    attributes: { name: '<name>', kept: 1 },
    links: [{ attributes: { email: '<email>' } }],
    events: [
      { name: 'said <email>' },
      { attributes: { 'exception.message': 'no <email>', 'exception.stacktrace': 'at <ip>' } },
    ],
    status: { code: SpanStatusCode.ERROR, message: 'password=<secret>' },
  });
  expect(seen[0]?.attributes).not.toHaveProperty(['client.address']);
});

test('the state that a stranger sent along goes when it is personal, and stays when it is not', () => {
  const seen: ReadableSpan[] = [];
  const keep = { onEnd: (span: ReadableSpan) => void seen.push(span), onStart() {} };
  const processor = { ...keep, forceFlush: async () => undefined, shutdown: async () => undefined };
  const provider = new TracerProvider({ spanProcessors: [createRedactingProcessor(redactor), processor] });
  for (const state of ['vendor=a@b.fr', 'vendor=1']) {
    const parent = trace.setSpanContext(ROOT_CONTEXT, { ...SPAN_CONTEXT, traceState: createTraceState(state) });
    provider.getTracer('test').startSpan('x', {}, parent).end();
  }
  expect(seen.map((span) => span.spanContext().traceState?.serialize())).toEqual([undefined, 'vendor=1']);
});

test('a key that was made of what somebody said is redacted as the value would be, wherever it stands', () => {
  const seen: ReadableSpan[] = [];
  const keep = { onEnd: (span: ReadableSpan) => void seen.push(span), onStart() {} };
  const processor = { ...keep, forceFlush: async () => undefined, shutdown: async () => undefined };
  const provider = new TracerProvider({ spanProcessors: [createRedactingProcessor(redactor), processor] });
  const state = createTraceState('vendor=+33639981236');
  const linked = { ...SPAN_CONTEXT, traceState: state };
  const span = provider.getTracer('test').startSpan('x', {
    attributes: { 'lookup.+33639981231': true, kept: 1 },
    links: [{ context: linked, attributes: { 'of a@b.fr': 1 } }],
  });
  span.addEvent('found', { 'by +33639981232': 'x' });
  span.end();
  expect(seen[0]?.attributes).toEqual({ 'lookup.<phone>': true, kept: 1 });
  expect(seen[0]?.events[0]?.attributes).toEqual({ 'by <phone>': '<phone>' });
  expect(seen[0]?.links[0]).toMatchObject({ context: SPAN_CONTEXT, attributes: { 'of <email>': '<email>' } });
  expect(seen[0]?.links[0]?.context).not.toHaveProperty('traceState');
  expect(linked.traceState).toBe(state);
});

test('what is announced of a span that goes on is redacted, too', async () => {
  const announced = Promise.withResolvers<string>();
  const server = createServer(async (request, response) => {
    announced.resolve(Buffer.concat(await request.toArray()).toString('utf8'));
    response.end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/pending`;
  const provider = new TracerProvider({ spanProcessors: [createPendingAnnouncer(url, { redactor })] });
  const attributes = { name: 'Claire', 'client.address': '203.0.113.9', kept: 'x' };
  provider.getTracer('test').startSpan('call a@b.fr', { attributes }, withCallRef(ROOT_CONTEXT, { callSid: 'CA1' }));
  const body = await announced.promise;
  expect(body).toContain('call <email>');
  expect(body).toContain('"key":"kept"');
  expect(body).not.toMatch(/Claire|203\.0|a@b/);
  server.closeAllConnections();
  server.close();
});

test('a label of a metric that could be said by somebody is invalid', async () => {
  const recorder = startMetricRecorder();
  createInstruments(recorder.meter).record(Metric.turnCount, 1, { reason: 'Claire Fontaine', level: 'warning' });
  expect(await recorder.points(Metric.turnCount.name)).toMatchObject([
    { labels: { reason: '<invalid>', level: 'warning' }, value: 1 },
  ]);
  await recorder.close();
});
