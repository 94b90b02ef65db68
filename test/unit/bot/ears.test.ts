import { createEars, type Utterance } from '../../../services/bot/domain/ears.ts';
import { createFakeClock } from '../../helpers/fake-clock.ts';

const VOICED = new Int16Array(160).fill(1000);
const SILENT = new Int16Array(160);

/** Feeds a picture of frames ('#' voiced, '.' silent, ' ' lost), one each 20 ms of media and clock time. */
async function hear(picture: string, options: { endSilenceMs?: number; delayMs?: (index: number) => number } = {}) {
  const clock = createFakeClock();
  const utterances: Utterance[] = [];
  const onsets: number[] = [];
  const ears = createEars({
    clock,
    endSilenceMs: options.endSilenceMs ?? 400,
    stallMs: 750,
    vad: { isSpeech: (frame) => frame[0] !== 0, close() {} },
    onOnset: (startedAtMs) => onsets.push(startedAtMs),
    onUtterance: (utterance) => utterances.push(utterance),
  });
  for (const [index, character] of [...picture].entries()) {
    await clock.advance(20);
    if (character !== ' ') ears.hear(character === '#' ? VOICED : SILENT, index * 20);
  }
  return { utterances, onsets, clock, ears };
}

test('an utterance runs from its first to its last voiced frame, on the media clock', async () => {
  const { utterances } = await hear(`${'.'.repeat(20)}${'#'.repeat(50)}${'.'.repeat(30)}`);
  expect(utterances).toHaveLength(1);
  expect(utterances[0]?.endedAtMs).toBe((utterances[0]?.startedAtMs ?? 0) + 1000);
});

test('a click of two frames begins nothing', async () => {
  expect((await hear(`${'.'.repeat(20)}##${'.'.repeat(40)}`)).onsets).toEqual([]);
});

test('a pause shorter than the end silence does not end the utterance', async () => {
  const { utterances } = await hear(`${'#'.repeat(20)}${'.'.repeat(15)}${'#'.repeat(20)}${'.'.repeat(30)}`);
  expect(utterances).toHaveLength(1);
});

test('lost frames become silence of the same length', async () => {
  const whole = await hear(`${'#'.repeat(40)}${'.'.repeat(30)}`);
  const holes = await hear(`${'#'.repeat(20)}     ${'#'.repeat(15)}${'.'.repeat(30)}`);
  expect(holes.utterances[0]?.samples.length).toBe(whole.utterances[0]?.samples.length);
});

test('speech that stops without silence ends when no frame comes any more', async () => {
  const { utterances, clock } = await hear('#'.repeat(20));
  expect(utterances).toHaveLength(0);
  await clock.advance(800);
  expect(utterances).toHaveLength(1);
});

test('a media clock that was set anew is a new beginning, not deafness', async () => {
  const clock = createFakeClock();
  const utterances: Utterance[] = [];
  const ears = createEars({
    clock,
    endSilenceMs: 400,
    stallMs: 750,
    vad: { isSpeech: (frame) => frame[0] !== 0, close() {} },
    onOnset() {},
    onUtterance: (utterance) => utterances.push(utterance),
  });
  const hearFrom = async (startMs: number, picture: string) => {
    for (const [index, character] of [...picture].entries()) {
      await clock.advance(20);
      ears.hear(character === '#' ? VOICED : SILENT, startMs + index * 20);
    }
  };
  const sentence = `${'#'.repeat(30)}${'.'.repeat(30)}`;
  await hearFrom(50_000, sentence);
  await hearFrom(0, sentence);
  await hearFrom(9_000_000, sentence);
  expect(utterances.map((utterance) => utterance.endedAtMs - utterance.startedAtMs)).toEqual([600, 600, 600]);
});

test('what the caller was just saying is given on when the line ends', async () => {
  const { utterances, ears } = await hear('#'.repeat(20));
  ears.close();
  expect(utterances).toHaveLength(1);
});

test('somebody who never pauses is heard in pieces of twenty seconds', async () => {
  const { utterances } = await hear('#'.repeat(1100));
  expect(utterances).toHaveLength(1);
});
