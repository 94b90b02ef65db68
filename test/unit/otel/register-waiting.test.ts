import { openTurnStage } from '../../helpers/turn-stage.ts';

test('a greeting stays one turn when frames of the caller wait to be heard as it begins', () => {
  const { turns, told, opened, pass, passUnheard, say } = openTurnStage();
  turns.begin();
  passUnheard(100);
  say(1000);
  pass(3000);
  say(200);
  turns.close();
  expect(told).toEqual(['turn 0 at 1000', 'turn 0 completed at 2350', 'turn 1 at 4100']);
  expect(opened).toEqual([1100]);
});

test('two turns of which one is found while the other begins have two numbers, and each ends once', () => {
  const { turns, told, pass, passUnheard, say } = openTurnStage();
  turns.begin();
  say(200);
  pass(3000);
  passUnheard(100, true);
  say(200);
  pass(3000);
  pass(100, true);
  const turnsTold = told.map((line) => line.replace(/ at .*/, ''));
  expect(turnsTold.slice(2, 4)).toEqual(['turn 1', 'turn 2']);
  expect(turnsTold).toHaveLength(new Set(turnsTold).size);
});

test('speech that waits to be heard came before what the bot then says: it is the turn that this answers', () => {
  const { turns, told, pass, passUnheard, say } = openTurnStage({ listensFirst: true });
  turns.begin();
  say(200);
  pass(3000);
  passUnheard(100, true);
  say(200);
  pass(3000);
  expect(told).toEqual(['turn 0 at 1000', 'turn 0 completed at 1450', 'turn 1 at 4000', 'turn 1 completed at 4550']);
});

test('speech that waits to be heard when the bot clears is what interrupted it', () => {
  const { turns, told, pass, passUnheard, say } = openTurnStage({ listensFirst: true });
  turns.begin();
  say(3000);
  pass(1000);
  passUnheard(100, true);
  turns.clearSent();
  pass(400, true);
  expect([...told].sort()).toEqual(['turn 0 at 1000', 'turn 0 interrupted at 2100', 'turn 1 at 2000']);
});
