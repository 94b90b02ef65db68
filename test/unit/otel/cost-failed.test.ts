import { createCallspan } from '../../../otel/src/index.ts';
import { startSpanRecorder } from '../../helpers/recorded-spans.ts';

test('a wrapped model call that failed where nobody watched makes the cost unknown and charges nothing', async () => {
  const recorder = startSpanRecorder();
  const prices = { models: { 'acme/voice': { component: 'tts', perMillionCharacters: 15 } } } as const;
  const callspan = createCallspan({ tracer: recorder.tracer, carrier: false, prices });
  const call = callspan.startCall({ callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' });
  const request = { name: 'mine', stage: 'synthesis', provider: 'acme', model: 'voice' } as const;
  const attributes = { 'voice.tts.characters': 1000 };
  await call
    .runModel({ ...request, attributes }, undefined, () => Promise.reject(new Error('broken')))
    .catch(() => undefined);
  call.end({ reason: 'caller_hangup', outcome: 'saved' });
  expect(recorder.named('voice.call').attributes).toMatchObject({
    'voice.call.cost.usd': 0,
    'voice.call.cost.known': false,
  });
  await recorder.close();
});
