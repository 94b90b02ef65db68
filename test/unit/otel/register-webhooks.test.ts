import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { defaultTextMapGetter, ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { callRefOf } from '../../../otel/src/call/call-context.ts';
import {
  mayBeTwilioForm,
  peekBody,
  readTwilioForm,
  readTwilioQuery,
} from '../../../otel/src/register/twilio-request.ts';
import { WebhookPlaces } from '../../../otel/src/register/webhook-places.ts';
import { WebhookPropagator } from '../../../otel/src/register/webhook-propagator.ts';

const CALL_SID = `CA${'0f'.repeat(16)}`;
const SPAN = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: TraceFlags.SAMPLED };
const TRACEPARENT = `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`;

const request = (method: string, headers: Record<string, string>, url = '/') =>
  ({ method, headers, url }) as unknown as IncomingMessage;
const FORM = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' };

test.each([
  ['POST', { ...FORM, 'content-length': '200' }, true],
  ['POST', { ...FORM, 'content-length': '40000' }, false],
  ['POST', FORM, false],
  ['POST', { 'content-type': 'application/json', 'content-length': '200' }, false],
  ['GET', { ...FORM, 'content-length': '200' }, false],
])('a %s with %j is looked into: %s', (method, headers, isLookedInto) => {
  expect(mayBeTwilioForm(request(method, headers))).toBe(isLookedInto);
});

test('a call is known by its own kind of id only', () => {
  expect(readTwilioForm(`From=%2B33&CallSid=${CALL_SID}`)).toEqual({ callSid: CALL_SID, isCallback: false });
  expect(readTwilioForm('CallSid=../../etc')).toBeUndefined();
  expect(readTwilioForm('name=x')).toBeUndefined();
  const signed = { 'x-twilio-signature': 's' };
  expect(readTwilioQuery(request('GET', signed, `/voice?CallSid=${CALL_SID}`))).toEqual({
    callSid: CALL_SID,
    isCallback: false,
  });
  expect(readTwilioQuery(request('GET', {}, `/voice?CallSid=${CALL_SID}`))).toBeUndefined();
});

test('a body is seen whole, and the app still reads all of it', async () => {
  const seen: (string | undefined)[] = [];
  const server = createServer((incoming, response) => {
    peekBody(incoming, 5000, (body) => {
      seen.push(body);
      incoming.pipe(response);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const body of ['a=1', 'b='.padEnd(30_000, 'x')]) {
    const answer = await fetch(url, { method: 'POST', body });
    expect(await answer.text()).toBe(body);
    expect(seen.pop()).toBe(body);
  }
  server.closeAllConnections();
  server.close();
});

test('a request that breaks off before its form is there is handed on without it', async () => {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const server = createServer((incoming) => peekBody(incoming, 60_000, resolve)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf');
  await once(server, 'request');
  socket.destroy();
  expect(await promise).toBeUndefined();
  server.close();
});

test('a webhook is found again for five minutes, and the oldest make room', () => {
  let nowMs = 0;
  const places = new WebhookPlaces(() => nowMs);
  places.remember('first', { span: SPAN });
  nowMs = 5 * 60_000 - 1;
  expect(places.find('first')?.span).toBe(SPAN);
  places.remember('second', { span: SPAN });
  nowMs += 1;
  expect(places.find('first')).toBeUndefined();
  for (let index = 0; index < 2000; index += 1) places.remember(`more ${index}`, { span: SPAN });
  expect(places.find('second')).toBeUndefined();
  expect(places.find('more 0')?.span).toBe(SPAN);
});

test.each([
  ['of a call', 'CallbackSource=call-progress-events&CallStatus=in-progress'],
  ['of a stream', 'StreamEvent=stream-started&StreamSid=MZ1'],
])('a status callback %s is known as one', (_, fields) => {
  expect(readTwilioForm(`CallSid=${CALL_SID}&${fields}`)).toEqual({ callSid: CALL_SID, isCallback: true });
});

test('a stream begins with the last webhook that was answered with verbs before it, each stream with its own', () => {
  let nowMs = 0;
  const places = new WebhookPlaces(() => nowMs);
  places.remember('call', { span: SPAN });
  const answer = (atMs: number, hasVerbs: boolean) => {
    nowMs = atMs;
    places.answered('call', hasVerbs);
  };
  answer(100, true);
  answer(9000, true);
  answer(9100, false);
  expect(places.streamStarted('call')).toBe(9000);
  answer(20_000, false);
  expect(places.streamStarted('call')).toBeUndefined();
  answer(30_000, true);
  // The call of the stream before ends meanwhile.
  places.remember('call', { span: SPAN });
  expect(places.streamStarted('call')).toBe(30_000);
});

test('a stream of a bot whose answers are not known as verbs begins with its first one', () => {
  let nowMs = 0;
  const places = new WebhookPlaces(() => nowMs);
  places.remember('call', { span: SPAN });
  for (nowMs of [100, 200]) places.answered('call', false);
  expect(places.streamStarted('call')).toBe(100);
  expect(places.streamStarted('of nobody')).toBeUndefined();
});

test('what is signed, or placed by its call, takes no stranger’s trace; the rest goes the usual way', () => {
  const propagator = new WebhookPropagator(new W3CTraceContextPropagator());
  const extract = (headers: object) => propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
  const traceIdOf = (headers: object) => trace.getSpanContext(extract(headers))?.traceId;
  expect(traceIdOf({ traceparent: TRACEPARENT })).toBe('c'.repeat(32));
  expect(traceIdOf({ traceparent: TRACEPARENT, 'x-twilio-signature': 's' })).toBeUndefined();
  const first = { traceparent: TRACEPARENT };
  propagator.place(first, { callSid: CALL_SID, parent: undefined });
  expect(traceIdOf(first)).toBeUndefined();
  expect(callRefOf(extract(first))?.callSid).toBe(CALL_SID);
  const later = { traceparent: TRACEPARENT };
  propagator.place(later, { callSid: CALL_SID, parent: trace.setSpanContext(ROOT_CONTEXT, SPAN) });
  expect(traceIdOf(later)).toBe(SPAN.traceId);
});
