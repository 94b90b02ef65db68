import { createHash } from 'node:crypto';
import { startTestBot, type TestBot } from '../helpers/test-bot.ts';
import { newCallSid, postForm, sign, tokenOf, voiceForm } from '../helpers/twilio-signed.ts';

let running: TestBot;
beforeAll(async () => {
  running = await startTestBot();
});
afterAll(() => running.close());

const spansOf = (callSid: string) =>
  running.recorder.spans().filter((span) => span.attributes['gen_ai.conversation.id'] === callSid);

test('a signed call is answered with TwiML that opens the stream and then hangs up', async () => {
  const response = await postForm(`${running.bot.url}/voice`, voiceForm(newCallSid()));
  const twiml = await response.text();
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('text/xml');
  expect(twiml).toContain(`<Stream url="${running.bot.url.replace('http', 'ws')}/media"`);
  expect(twiml.indexOf('</Connect>')).toBeLessThan(twiml.indexOf('<Hangup/>'));
  expect(tokenOf(twiml).length).toBeLessThan(499);
});

test('an unsigned or wrongly signed call is refused with 403 and starts nothing', async () => {
  const before = running.recorder.spans().length;
  const url = `${running.bot.url}/voice`;
  const form = voiceForm(newCallSid());
  const unsigned = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
  const wrong = await postForm(url, form, { 'x-twilio-signature': sign(`${url}/`, form) });
  expect([unsigned.status, wrong.status]).toEqual([403, 403]);
  expect(await unsigned.text()).not.toContain('<');
  expect(running.recorder.spans()).toHaveLength(before);
});

test('a stranger can not choose the trace id', async () => {
  const callSid = newCallSid();
  const traceId = 'c'.repeat(32);
  await postForm(`${running.bot.url}/voice`, voiceForm(callSid), { traceparent: `00-${traceId}-${'d'.repeat(16)}-00` });
  const [root] = spansOf(callSid);
  expect(root?.name).toBe('POST /voice');
  expect(root?.spanContext().traceId).not.toBe(traceId);
  expect(root?.parentSpanContext).toBeUndefined();
});

test('the same call announced twice gets the same answer and one trace', async () => {
  const callSid = newCallSid();
  const url = `${running.bot.url}/voice`;
  const answers = await Promise.all([postForm(url, voiceForm(callSid)), postForm(url, voiceForm(callSid))]);
  const [first, second] = await Promise.all(answers.map((answer) => answer.text()));
  expect(first).toBe(second);
  expect(new Set(spansOf(callSid).map((span) => span.spanContext().traceId)).size).toBe(1);
});

test('a status callback joins the trace of its call', async () => {
  const callSid = newCallSid();
  await postForm(`${running.bot.url}/voice`, voiceForm(callSid));
  const status = await postForm(`${running.bot.url}/status`, voiceForm(callSid, { CallStatus: 'completed' }));
  expect(status.status).toBe(204);
  const [voice, callback] = spansOf(callSid);
  expect(callback?.name).toBe('POST /status');
  expect(callback?.spanContext().traceId).toBe(voice?.spanContext().traceId);
  expect(callback?.attributes['twilio.call.status']).toBe('completed');
});

test("Twilio's own stream error is written on the trace of its call", async () => {
  const callSid = newCallSid();
  await postForm(`${running.bot.url}/voice`, voiceForm(callSid));
  await postForm(
    `${running.bot.url}/stream-status`,
    voiceForm(callSid, { StreamEvent: 'stream-error', StreamError: '31921', StreamSid: 'MZ1' }),
  );
  expect(spansOf(callSid).at(-1)?.events[0]).toMatchObject({
    name: 'twilio.stream_error',
    attributes: { 'twilio.error.code': '31921' },
  });
});

test.each([
  ['another account', { AccountSid: `AC${'6'.repeat(32)}` }, 403],
  ['no CallSid', { CallSid: '' }, 400],
  ['a CallSid that is none', { CallSid: 'CA12' }, 400],
])('a signed form with %s is refused', async (_what, more, status) => {
  expect((await postForm(`${running.bot.url}/voice`, voiceForm(newCallSid(), more))).status).toBe(status);
});

test('JSON on a form route is 415, a huge form 413, an unknown path 404', async () => {
  const json = await fetch(`${running.bot.url}/voice`, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  });
  const huge = await postForm(`${running.bot.url}/voice`, voiceForm(newCallSid(), { Notes: 'x'.repeat(200_000) }));
  const unknown = await fetch(`${running.bot.url}/records`);
  expect([json.status, huge.status, unknown.status]).toEqual([415, 413, 404]);
});

test('fields that Twilio did not sign are refused even when the URL was signed for a JSON body', async () => {
  const hash = createHash('sha256').update('{}').digest('hex');
  const url = `${running.bot.url}/voice?bodySHA256=${hash}`;
  const response = await fetch(url, {
    method: 'POST',
    body: new URLSearchParams(voiceForm(newCallSid())),
    headers: { 'x-twilio-signature': sign(url) },
  });
  expect(response.status).toBe(403);
});

test.each(['Anonymous', '', '+33 1 99 00 12 34', 'Zoé & Co <b>', 'sip:alice@example.com'])(
  'a caller known as "%s" is answered',
  async (from) => {
    expect((await postForm(`${running.bot.url}/voice`, voiceForm(newCallSid(), { From: from }))).status).toBe(200);
  },
);

test('nothing but webhooks and media is on the public door; health is on the operations door', async () => {
  expect((await fetch(`${running.bot.url}/healthz`)).status).toBe(404);
  expect((await fetch(`${running.bot.operationsUrl}/healthz`)).status).toBe(200);
  expect((await fetch(`${running.bot.operationsUrl}/readyz`)).status).toBe(200);
});
