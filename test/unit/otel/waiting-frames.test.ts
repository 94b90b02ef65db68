import { type FrameReader, WaitingFrames } from '../../../otel/src/tap/waiting-frames.ts';

/** A reader that writes down what it is given, and throws at one of them. */
function createStage(bad: string, lookEveryMs = 1000) {
  const seen: string[] = [];
  const read = (what: string, atMs: number) => {
    if (what === bad) throw new Error(`cannot read ${what}`);
    seen.push(`${what} at ${atMs}`);
  };
  const reader: FrameReader = {
    heard: (data, atMs) => read(`heard ${data}`, atMs),
    decoded: ([sample], { sequence, timestampMs }, atMs) => read(`${sample} of ${sequence}/${timestampMs}`, atMs),
    sent: (text, atMs) => read(`sent ${text}`, atMs),
    failed: (error) => seen.push(String(error)),
  };
  const waiting = new WaitingFrames(reader, lookEveryMs);
  return { seen, waiting };
}

test('frames of both directions are looked at in their order, with the times at which they passed', () => {
  const { seen, waiting } = createStage('nothing');
  waiting.add(Buffer.from('a'), 1);
  waiting.add('b', 2);
  expect(seen).toEqual([]);
  waiting.take();
  expect(seen).toEqual(['heard a at 1', 'sent b at 2']);
});

test('a frame that the bot has decoded is looked at with the others, in its place', () => {
  const { seen, waiting } = createStage('nothing', 60);
  const hear = (text: string, atMs: number, sample?: number) => {
    const samples = sample === undefined ? undefined : Int16Array.of(sample);
    waiting.addGiven({ message: Buffer.from(text), samples, place: { sequence: atMs, timestampMs: atMs * 20 } }, atMs);
  };
  hear('a', 1);
  hear('b', 2, 700);
  hear('c', 3);
  hear('d', 4, 800);
  waiting.take();
  expect(seen).toEqual(['heard a at 1', '700 of 2/40 at 2', 'heard c at 3', '800 of 4/80 at 4']);
});

test('a frame that cannot be looked at costs no other one', () => {
  const { seen, waiting } = createStage('heard b');
  for (const [index, frame] of ['a', 'b', 'c'].entries()) waiting.add(Buffer.from(frame), index);
  waiting.take();
  expect(seen).toEqual(['heard a at 0', 'Error: cannot read heard b', 'heard c at 2']);
});

test('as many frames are looked at together as a telephone sends in the time that they may wait', () => {
  const { seen, waiting } = createStage('nothing', 60);
  waiting.add('a', 1);
  waiting.add('b', 2);
  expect(waiting.sinceMs).toBe(1);
  waiting.add('c', 3);
  expect(seen).toEqual(['sent a at 1', 'sent b at 2', 'sent c at 3']);
  expect(waiting.sinceMs).toBe(Number.POSITIVE_INFINITY);
});
