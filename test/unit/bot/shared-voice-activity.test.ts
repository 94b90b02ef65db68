import { shareVoiceActivity } from '../../../services/bot/adapters/vad/shared-decisions.ts';
import type { VoiceActivity } from '../../../services/bot/domain/ports.ts';

const frame = (sample: number) => new Int16Array(160).fill(sample);

/** Calls a frame speech when it is louder than the one before it: what it says depends on what it has heard. */
function createDetector() {
  let last = 0;
  const heard: number[] = [];
  return {
    heard,
    isClosed: false,
    isSpeech(samples: Int16Array) {
      const [sample = 0] = samples;
      heard.push(sample);
      const isSpeech = sample > last;
      last = sample;
      return isSpeech;
    },
    close() {
      this.isClosed = true;
    },
  };
}

const share = (detector: VoiceActivity) => {
  const { first, second } = shareVoiceActivity(detector);
  return { first, second: second() };
};

test('the second listener is told what was decided for the same frame, and the detector hears each frame once', () => {
  const detector = createDetector();
  const { first, second } = share(detector);
  const decided = [10, 20, 5, 5].map((sample) => first.isSpeech(frame(sample)));
  expect([10, 20, 5, 5].map((sample) => second.isSpeech(frame(sample)))).toEqual(decided);
  expect(detector.heard).toEqual([10, 20, 5, 5]);
});

test('a frame that only the first listener had is passed over', () => {
  const { first, second } = share(createDetector());
  for (const sample of [10, 0, 20]) first.isSpeech(frame(sample));
  expect([second.isSpeech(frame(10)), second.isSpeech(frame(20))]).toEqual([true, true]);
});

test('a frame that the first listener never had is decided for the second alone', () => {
  const detector = createDetector();
  const { second } = share(detector);
  expect(second.isSpeech(frame(30))).toBe(true);
  expect(detector.heard).toEqual([30]);
});

test('a second listener who falls behind is told of the frames that are remembered, and hears the rest', () => {
  const detector = createDetector();
  const { first, second } = share(detector);
  const decided = Array.from({ length: 100 }, (_, index) => first.isSpeech(frame((index * 37) % 101)));
  const told = Array.from({ length: 64 }, (_, index) => second.isSpeech(frame(((index + 36) * 37) % 101)));
  expect(told).toEqual(decided.slice(36));
  expect(detector.heard).toHaveLength(100);
  second.isSpeech(frame(37));
  expect(detector.heard).toHaveLength(101);
});

test('with nobody who listens second, the detector is closed with the first', () => {
  const detector = createDetector();
  const { first } = shareVoiceActivity(detector);
  first.isSpeech(frame(10));
  first.close();
  expect(detector.isClosed).toBe(true);
});

test('the detector is closed when both have closed it', () => {
  const detector = createDetector();
  const { first, second } = share(detector);
  first.close();
  expect(detector.isClosed).toBe(false);
  second.close();
  expect(detector.isClosed).toBe(true);
});
