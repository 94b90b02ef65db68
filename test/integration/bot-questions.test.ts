// @group crowded: several calls at once in its own process (scripts/test.mjs).
import { startTestBot, type TestBot } from '../helpers/test-bot.ts';
import { type CallOutcome, startTestCaller, type TestCaller } from '../helpers/test-caller.ts';

let running: TestBot;
let line: TestCaller;
let calls: readonly CallOutcome[];

const QUESTIONS = [
  ['appointment-fr', "Oui, c'est exact.", 'Combien coûte un déplacement ?', /soixante euros/],
  ['appointment-en', 'Yes, that is right.', 'How much does a visit cost?', /sixty euros/],
] as const;

beforeAll(async () => {
  running = await startTestBot();
  line = await startTestCaller(running);
  calls = await Promise.all(
    QUESTIONS.map(([script, before, question]) => line.call(script, { replace: [before, question] })),
  );
}, 60_000);
afterAll(async () => {
  await line.close();
  await running.close();
});

test.each(QUESTIONS)(
  'a question in %s instead of "%s" is answered with what the business has written',
  (script, _before, question, answer) => {
    const call = calls[QUESTIONS.findIndex(([asked]) => asked === script)];
    const asked = call?.turns.find((turn) => turn.saidByCaller === question);
    expect(asked?.heardFromBot).toMatch(answer);
    const retrievals = running.recorder
      .spans()
      .filter((span) => span.attributes['gen_ai.conversation.id'] === call?.callSid && span.name.includes('retriev'));
    expect(retrievals.map((span) => span.attributes['voice.turn.index'])).toEqual([asked?.index]);
  },
);
