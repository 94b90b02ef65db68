import { startTestBot, type TestBot } from '../helpers/test-bot.ts';
import { type CallOutcome, startTestCaller, type TestCaller } from '../helpers/test-caller.ts';

let running: TestBot;
let line: TestCaller;
beforeAll(async () => {
  running = await startTestBot({ BOT_TRANSCRIPTION: 'realtime', BOT_SYNTHESIS: 'realtime' });
  line = await startTestCaller(running);
});
afterAll(async () => {
  await line.close();
  await running.close();
});

async function setFault(fault: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${running.standinUrl}/control`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ route: 'realtime', ...fault }),
  });
  if (!response.ok) throw new Error(await response.text());
}

const spansOf = (call: CallOutcome) =>
  running.recorder.spans().filter((span) => span.attributes['gen_ai.conversation.id'] === call.callSid);
const namesOf = (call: CallOutcome) => spansOf(call).map((span) => span.name);

test('a call over Realtime models ends in the record that the caller gave', async () => {
  const call = await line.call('appointment-fr');
  expect(call.record).toMatchObject({
    name: 'Claire Fontaine',
    place: '12 rue des Lilas à Lyon',
    callbackNumber: '06 39 98 12 34',
  });
  expect(namesOf(call)).toContain('text_to_speech gpt-realtime-2.1-mini');
  // No file was sent: the words came over the socket.
  expect(namesOf(call).filter((name) => name === 'speech_to_text gpt-transcribe')).toEqual([]);
}, 60_000);

test('live transcription that fails is made up for by file in the same turn', async () => {
  await setFault({ fault: 'transcription_failed', next: 1 });
  const call = await line.call('appointment-fr');
  expect(call.record).toMatchObject({ name: 'Claire Fontaine', callbackNumber: '06 39 98 12 34' });
  expect(namesOf(call).filter((name) => name === 'speech_to_text gpt-transcribe')).toHaveLength(1);
}, 60_000);

test('a socket that breaks in the middle of a call is opened anew for the next turn', async () => {
  await setFault({ fault: 'close', code: 1006, next: 1, match: 'transcription' });
  const call = await line.call('appointment-fr');
  expect(call.record).toMatchObject({ name: 'Claire Fontaine', callbackNumber: '06 39 98 12 34' });
  expect(namesOf(call).filter((name) => name === 'speech_to_text gpt-transcribe')).toHaveLength(1);
}, 60_000);
