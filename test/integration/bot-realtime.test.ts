import { startTestBot } from '../helpers/test-bot.ts';
import { startTestCaller } from '../helpers/test-caller.ts';

type PlacedCall = Awaited<ReturnType<typeof placeCall>>;
let calls: Record<'plain' | 'untranscribed' | 'broken', PlacedCall>;
beforeAll(async () => {
  const [plain, untranscribed, broken] = await Promise.all([
    placeCall(),
    placeCall({ fault: 'transcription_failed', next: 1 }),
    placeCall({ fault: 'close', code: 1006, next: 1, match: 'transcription' }),
  ]);
  calls = { plain, untranscribed, broken };
}, 90_000);

/** A call to a bot of its own, whose models fail as `fault` says; what it saved and the names of its spans. */
async function placeCall(fault?: object) {
  const running = await startTestBot({ BOT_TRANSCRIPTION: 'realtime', BOT_SYNTHESIS: 'realtime' });
  const line = await startTestCaller(running);
  try {
    if (fault) await setFault(running.standinUrl, fault);
    const { callSid, record } = await line.call('appointment-fr');
    const spans = running.recorder.spans().filter((span) => span.attributes['gen_ai.conversation.id'] === callSid);
    return { record, names: spans.map((span) => span.name) };
  } finally {
    await line.close();
    await running.close();
  }
}

async function setFault(standinUrl: string, fault: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${standinUrl}/control`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ route: 'realtime', ...fault }),
  });
  if (!response.ok) throw new Error(await response.text());
}

test('a call over Realtime models ends in the record that the caller gave', () => {
  const { record, names } = calls.plain;
  expect(record).toMatchObject({
    name: 'Claire Fontaine',
    place: '12 rue des Lilas à Lyon',
    callbackNumber: '06 39 98 12 34',
  });
  expect(names).toContain('text_to_speech gpt-realtime-2.1-mini');
  // No file was sent: the words came over the socket.
  expect(names.filter((name) => name === 'speech_to_text gpt-transcribe')).toEqual([]);
});

test('live transcription that fails is made up for by file in the same turn', () => {
  const { record, names } = calls.untranscribed;
  expect(record).toMatchObject({ name: 'Claire Fontaine', callbackNumber: '06 39 98 12 34' });
  expect(names.filter((name) => name === 'speech_to_text gpt-transcribe')).toHaveLength(1);
});

test('a socket that breaks in the middle of a call is opened anew for the next turn', () => {
  const { record, names } = calls.broken;
  expect(record).toMatchObject({ name: 'Claire Fontaine', callbackNumber: '06 39 98 12 34' });
  expect(names.filter((name) => name === 'speech_to_text gpt-transcribe')).toHaveLength(1);
});
