import { ArrivalTimes } from '../../../otel/src/register/arrival-times.ts';

const LOOK_EVERY_MS = 200;

/** The caller's frames, each known by its media time; those of one look are looked at together when the last has come. */
function openLine(rate = 1) {
  const arrivals = new ArrivalTimes(rate, LOOK_EVERY_MS);
  let mediaMs = 0;
  let nowMs = 5000;
  const errors: number[] = [];
  return {
    /** So many frames, with what they took longer on their way. */
    look(frames: number, lateMs = 0): void {
      const came = Array.from({ length: frames }, (_, at) => nowMs + ((at + 1) * 20) / rate);
      nowMs = came.at(-1) ?? nowMs;
      for (const cameAtMs of came) {
        mediaMs += 20;
        errors.push(arrivals.arrivalOf(mediaMs, nowMs + lateMs) - cameAtMs);
      }
    },
    /** Nothing comes for so long. */
    miss(durationMs: number): void {
      nowMs += durationMs;
    },
    /** How much too late the last frames were told to have come; milliseconds. */
    worstOf: (frames: number) => Math.round(Math.max(...errors.slice(-frames).map(Math.abs))),
  };
}

test.each([1, 3])(
  'frames that were looked at together came one after the other, on a line %i times as fast',
  (rate) => {
    const line = openLine(rate);
    line.look(10);
    for (let looks = 0; looks < 30; looks += 1) line.look(10);
    expect(line.worstOf(300)).toBe(0);
  },
);

test('a frame that came late on its way lies where the line says', () => {
  const line = openLine();
  for (let looks = 0; looks < 20; looks += 1) line.look(10);
  line.look(1, 60);
  expect(line.worstOf(1)).toBe(0);
});

test('a hole in the line moves what is said of frames by no more than they may wait, and not for long', () => {
  const line = openLine();
  for (let looks = 0; looks < 20; looks += 1) line.look(10);
  line.miss(5000);
  line.look(10);
  expect(line.worstOf(10)).toBeLessThanOrEqual(LOOK_EVERY_MS);
  for (let looks = 0; looks < 12; looks += 1) line.look(10);
  expect(line.worstOf(10)).toBe(0);
});
