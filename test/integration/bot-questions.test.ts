import { startTestBot, type TestBot } from '../helpers/test-bot.ts';
import { startTestCaller, type TestCaller } from '../helpers/test-caller.ts';

let running: TestBot;
let line: TestCaller;
beforeAll(async () => {
  running = await startTestBot();
  line = await startTestCaller(running);
});
afterAll(async () => {
  await line.close();
  await running.close();
});

test.each([
  ['appointment-fr', "Oui, c'est exact.", 'Combien coûte un déplacement ?', /soixante euros/],
  ['appointment-en', 'Yes, that is right.', 'How much does a visit cost?', /sixty euros/],
])(
  'a question in %s is answered with what the business has written',
  async (script, before, question, answer) => {
    const call = await line.call(script, { replace: [before, question] });
    const asked = call.turns.find((turn) => turn.saidByCaller === question);
    expect(asked?.heardFromBot).toMatch(answer);
    const retrievals = running.recorder
      .spans()
      .filter((span) => span.attributes['gen_ai.conversation.id'] === call.callSid && span.name.includes('retriev'));
    expect(retrievals.map((span) => span.attributes['voice.turn.index'])).toEqual([asked?.index]);
  },
  60_000,
);
