// @group crowded: several calls at once in its own process (scripts/test.mjs).
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { startTestBot, type TestBot } from '../helpers/test-bot.ts';
import { type CallOutcome, startTestCaller, type TestCaller } from '../helpers/test-caller.ts';

let running: TestBot;
let line: TestCaller;
/** Calls that need nothing special go on at the same time, as they do on a busy day. */
let calls: Record<'french' | 'english' | 'renamed' | 'interrupting' | 'muted' | 'hasty', CallOutcome>;
/** Calls to bots whose models fail: a fault is for every call of its stand-in. */
let failing: Record<'unheard' | 'voiceless' | 'speechless', { call: CallOutcome; spans: readonly ReadableSpan[] }>;
beforeAll(async () => {
  running = await startTestBot();
  line = await startTestCaller(running);
  const [french, english, renamed, interrupting, muted, hasty] = await Promise.all([
    line.call('appointment-fr'),
    line.call('appointment-en'),
    line.call('appointment-en', { replace: ['Clarke', 'Parker'] }),
    line.call('interrupts'),
    line.call('appointment-en', { muted: true }),
    line.call('hang-up-early'),
  ]);
  await allWrappedUp(running);
  calls = { french, english, renamed, interrupting, muted, hasty };
  const [unheard, voiceless, speechless] = await Promise.all([
    callFailing('appointment-fr', { route: 'transcriptions', fault: '500', next: 2 }),
    callFailing('silent-caller', { route: 'speech', fault: '500' }),
    callFailing('appointment-fr', { route: 'chat', fault: '500' }),
  ]);
  failing = { unheard, voiceless, speechless };
}, 90_000);
afterAll(async () => {
  await line.close();
  await running.close();
});

/** The line hangs up first; the bot then wraps up. */
async function allWrappedUp({ bot }: TestBot): Promise<void> {
  while (bot.calls.size > 0) await new Promise((resolve) => setImmediate(resolve));
}

async function callFailing(script: string, fault: object) {
  const other = await startTestBot();
  const otherLine = await startTestCaller(other);
  try {
    const response = await fetch(`${other.standinUrl}/control`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fault),
    });
    if (!response.ok) throw new Error(await response.text());
    const call = await otherLine.call(script);
    await allWrappedUp(other);
    return { call, spans: traceOf(call.callSid, other) };
  } finally {
    await otherLine.close();
    await other.close();
  }
}

function traceOf(callSid: string, { recorder } = running): ReadableSpan[] {
  const traceIds = new Set(
    recorder
      .spans()
      .filter((span) => span.attributes['gen_ai.conversation.id'] === callSid)
      .map((span) => span.spanContext().traceId),
  );
  expect(traceIds.size).toBe(1);
  return recorder.spans().filter((span) => traceIds.has(span.spanContext().traceId));
}

const count = (spans: readonly ReadableSpan[], start: string) =>
  spans.filter((span) => span.name.startsWith(start)).length;
const withoutIds = (record: CallRecord) => ({ ...record, id: '', callSid: '', traceId: '', createdAt: '' });
type CallRecord = Readonly<Record<string, unknown>>;

test('a call becomes one whole trace from webhook to saved record', () => {
  const call = calls.french;
  const spans = traceOf(call.callSid);
  const ids = new Set(spans.map((span) => span.spanContext().spanId));
  const roots = spans.filter((span) => !span.parentSpanContext);
  expect(roots.map((span) => span.name)).toEqual(['POST /voice']);
  const orphans = spans.filter((span) => span.parentSpanContext && !ids.has(span.parentSpanContext.spanId));
  expect(orphans.map((span) => span.name)).toEqual([]);
  expect(count(spans, 'voice.turn')).toBe(1 + call.turns.length);
  expect(count(spans, 'user_speech')).toBe(call.turns.length);
  expect(count(spans, 'speech_to_text')).toBe(call.turns.length);
  expect(count(spans, 'chat')).toBe(2 * call.turns.length);
  expect(count(spans, 'text_to_speech')).toBeGreaterThan(call.turns.length);
  for (const name of ['voice.call', 'voice.setup', 'execute_tool save_record', 'POST /status'])
    expect(count(spans, name)).toBe(1);
  expect(call.record).toMatchObject({
    name: 'Claire Fontaine',
    subject: "une fuite d'eau",
    place: '12 rue des Lilas à Lyon',
    callbackNumber: '06 39 98 12 34',
  });
  expect(call.record?.traceId).toBe(spans[0]?.spanContext().traceId);
});

test('calls at the same time stay traces of their own with records of their own', () => {
  const pair = [calls.french, calls.english];
  const traces = pair.map((call) => traceOf(call.callSid)[0]?.spanContext().traceId);
  expect(new Set(traces).size).toBe(2);
  expect(pair.map((call) => call.record?.traceId)).toEqual(traces);
  expect(pair.map((call) => call.record?.name)).toEqual(['Claire Fontaine', 'Emma Clarke']);
});

test('a caller who interrupts is listened to, and only what they heard counts', () => {
  const call = calls.interrupting;
  const spans = traceOf(call.callSid);
  expect(count(spans, 'voice.barge_in')).toBe(1);
  expect(spans.filter((span) => span.attributes['voice.turn.end_reason'] === 'interrupted')).toHaveLength(1);
  const cleared = spans.find(
    (span) => span.name === 'voice.playout' && Number(span.attributes['voice.playout.discarded_ms']) > 0,
  );
  expect(cleared).toBeDefined();
  expect(call.record).toMatchObject({ wanted: { words: 'mercredi à onze heures' } });
});

test('with the audio muted there is no transcript, and the bot asks whether anybody is there', () => {
  const call = calls.muted;
  expect(count(traceOf(call.callSid), 'speech_to_text')).toBe(0);
  expect(call.greeting + call.turns.map((turn) => turn.heardFromBot).join(' ')).toContain('Are you still there?');
  expect(call.record).toBeNull();
});

test('with one word of the script changed only that word changes in the record', () => {
  const { english, renamed } = calls;
  expect(withoutIds(renamed.record ?? {})).toEqual({ ...withoutIds(english.record ?? {}), name: 'Emma Parker' });
});

test('a transcription that fails is answered with an apology, and the call still ends well', () => {
  const { call, spans } = failing.unheard;
  const failed = spans.filter(
    (span) => span.name.startsWith('speech_to_text') && span.attributes['error.type'] === 'api',
  );
  expect(failed).toHaveLength(1);
  expect(count(spans, 'model.attempt')).toBe(2);
  expect(call.turns[0]?.heardFromBot).toContain('répéter');
});

test('a voice that is down leaves no silence: the caller hears a recording', () => {
  const playouts = failing.voiceless.spans.filter((span) => span.name === 'voice.playout');
  expect(playouts.length).toBeGreaterThan(2);
  expect(playouts.every((span) => Number(span.attributes['voice.playout.heard_ms']) > 0)).toBe(true);
});

test('models that stay down end the call with an apology, as failed', () => {
  const [span] = failing.speechless.spans.filter((candidate) => candidate.name === 'voice.call');
  expect(span?.attributes).toMatchObject({ 'voice.call.outcome': 'failed', 'voice.call.end_reason': 'bot_hangup' });
});

test('a caller who hangs up during the greeting has abandoned the call', () => {
  const call = calls.hasty;
  const [span] = traceOf(call.callSid).filter((candidate) => candidate.name === 'voice.call');
  expect(span?.attributes).toMatchObject({
    'voice.call.outcome': 'abandoned',
    'voice.call.end_reason': 'caller_hangup',
  });
});

test('when all calls are over nothing is left open', () => {
  expect(running.bot.calls.size).toBe(0);
});
