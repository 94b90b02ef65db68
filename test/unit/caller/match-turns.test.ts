import { matchTurns } from '../../../services/caller/domain/match-turns.ts';

const traced = (...texts: (string | null)[]) => texts.map((transcribed, at) => ({ index: at + 1, transcribed }));
const indices = (said: string[], turns: ReturnType<typeof traced>) =>
  matchTurns(said, turns).map((turn) => turn?.index ?? null);

const SAID = ['Hello, my name is Emma.', 'On Tuesday at ten.', 'At 12 Elm Street.', 'Yes, that is right.'];

test('as many turns as utterances belong together in their order, whatever was understood', () => {
  expect(indices(['a', 'b'], traced('something else', 'b'))).toEqual([1, 2]);
});

test('an utterance that the bot missed has no turn, and those behind it keep theirs', () => {
  const turns = traced('Hello, my name is Emma.', 'At 12 Elm Street.', 'Yes, that is right.');
  expect(indices(SAID, turns)).toEqual([1, null, 2, 3]);
});

test('letters lost on the way do not hide which turn it was', () => {
  expect(indices(SAID, traced('Helo my nme is Ema.', 'At 2 Elm Stret.'))).toEqual([1, null, 2, null]);
});

test('a turn of the trace that nobody spoke is passed over', () => {
  const turns = traced('Hello, my name is Emma.', '', 'On Tuesday at ten.', 'At 12 Elm Street.', 'Yes, that is right.');
  expect(indices(SAID, turns)).toEqual([1, 3, 4, 5]);
});

test('without words the order has to do, and without a trace there is none', () => {
  expect(indices(SAID, traced(null, null))).toEqual([1, 2, null, null]);
  expect(indices(SAID, [])).toEqual([null, null, null, null]);
});
