import { createPlayout } from '../../../services/caller/domain/playout.ts';

const audio = (frames: number, byte = 1) => new Uint8Array(frames * 160).fill(byte);

function listen() {
  const marks: string[] = [];
  return { marks, playout: createPlayout((name) => marks.push(name)) };
}

test('plays 160 bytes a tick in the order they came, and pads the last frame with silence', () => {
  const { playout } = listen();
  playout.append(new Uint8Array(100).fill(1));
  playout.append(new Uint8Array(100).fill(2));
  expect([...(playout.play() ?? [])]).toEqual([...Array(100).fill(1), ...Array(60).fill(2)]);
  expect([...(playout.play() ?? [])]).toEqual([...Array(40).fill(2), ...Array(120).fill(0xff)]);
  expect(playout.play()).toBeUndefined();
});

test('a mark comes back only when the audio before it has been played to its end', () => {
  const { marks, playout } = listen();
  playout.append(audio(2));
  playout.mark('after two frames');
  playout.append(audio(1));
  playout.mark('after three frames');
  playout.play();
  playout.play();
  expect(marks).toEqual([]);
  playout.play();
  expect(marks).toEqual(['after two frames']);
  playout.play();
  expect(marks).toEqual(['after two frames', 'after three frames']);
});

test('a mark with nothing to play comes back at once, one behind a playing frame waits for it', () => {
  const { marks, playout } = listen();
  playout.mark('first');
  expect(marks).toEqual(['first']);
  playout.append(audio(1));
  playout.play();
  playout.mark('second');
  expect(marks).toEqual(['first']);
  playout.play();
  expect(marks).toEqual(['first', 'second']);
});

test('clear drops the audio and brings all waiting marks back in order', () => {
  const { marks, playout } = listen();
  playout.append(audio(1));
  playout.mark('one');
  playout.append(audio(5));
  playout.mark('two');
  playout.play();
  playout.clear();
  expect(marks).toEqual(['one', 'two']);
  expect(playout.play()).toBeUndefined();
  expect(playout.isIdle()).toBe(true);
  expect(marks).toEqual(['one', 'two']);
});

test('what would make more than ten minutes wait is refused until there is room again', () => {
  const { playout } = listen();
  expect(playout.append(new Uint8Array(600 * 8000))).toBe(true);
  expect(playout.append(audio(1))).toBe(false);
  playout.play();
  expect(playout.append(audio(1))).toBe(true);
});
