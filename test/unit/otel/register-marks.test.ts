import { OutstandingMarks } from '../../../otel/src/register/outstanding-marks.ts';
import { openTurnStage } from '../../helpers/turn-stage.ts';

test.each([
  ['each with its own name', (index: number) => `part ${index}`],
  ['all with one name', () => 'responsePart'],
])('an answer in parts with marks behind them, %s, plays until the last has come back', (_, nameOf) => {
  const { turns, told, pass, say } = openTurnStage();
  turns.begin();
  for (let index = 0; index < 30; index += 1) {
    say(200);
    turns.sendingMark(nameOf(index));
    pass(40);
  }
  // Played until 7000; the echoes of the first twelve parts come meanwhile.
  for (let index = 0; index < 12; index += 1) {
    pass(100);
    turns.markBack(nameOf(index));
  }
  pass(300, true);
  turns.clearSent();
  for (let index = 12; index < 30; index += 1) turns.markBack(nameOf(index));
  pass(400, true);
  expect([...told].sort()).toEqual(['turn 0 at 1000', 'turn 0 interrupted at 3700', 'turn 1 at 3400']);
});

test('an answer whose last mark came back has been played, however many went before it or were lost', () => {
  const { turns, told, pass, say } = openTurnStage();
  turns.begin();
  for (const name of ['part', 'lost', 'part']) {
    say(1000);
    turns.sendingMark(name);
  }
  turns.markBack('part');
  turns.markBack('of nobody');
  pass(1000);
  turns.markBack('part');
  pass(2000);
  expect(told).toEqual(['turn 0 at 1000', 'turn 0 completed at 2250']);
});

test('marks of an answer that was cleared are none of the next one, though they have its name', () => {
  const { turns, told, pass, say } = openTurnStage();
  turns.begin();
  say(2000);
  turns.sendingMark('part');
  pass(500);
  pass(100, true);
  turns.clearSent();
  pass(600);
  say(3000);
  turns.sendingMark('part');
  turns.markBack('part');
  pass(2000);
  pass(100, true);
  turns.clearSent();
  pass(100, true);
  expect(told.filter((line) => line.includes('interrupted'))).toEqual([
    'turn 0 interrupted at 1600',
    'turn 1 interrupted at 4300',
  ]);
});

test('marks that never come back are forgotten one day', () => {
  const marks = new OutstandingMarks<object>();
  const [first, later] = [{}, {}];
  marks.sent('first', first);
  for (let index = 0; index < 4000; index += 1) marks.sent('part', later);
  expect([marks.isOut(first), marks.isOut(later)]).toEqual([false, true]);
  expect(marks.back('first')).toBeUndefined();
  expect(marks.back('part')).toBe(later);
});
