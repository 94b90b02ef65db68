import { createMouth } from '../../../services/bot/domain/mouth.ts';
import type { CallLine } from '../../../services/bot/domain/ports.ts';
import { createFakeClock } from '../../helpers/fake-clock.ts';

const BYTES_PER_SECOND = 8000;

/** A line that plays what it is sent in real time and returns marks when their audio has been played, as Twilio does. */
function createPlayingLine() {
  const clock = createFakeClock();
  const sent: string[] = [];
  let playingUntilMs = 0;
  let sentMs = 0;
  let pending: string[] = [];
  const line: CallLine = {
    sendMedia(payload) {
      sent.push(`media ${payload.length}`);
      sentMs += payload.length / 8;
      playingUntilMs = Math.max(playingUntilMs, clock.now()) + payload.length / 8;
    },
    sendMark(name) {
      sent.push(`mark ${name}`);
      pending.push(name);
      clock.after(playingUntilMs - clock.now(), () => {
        if (!pending.includes(name)) return;
        pending = pending.filter((other) => other !== name);
        mouth.heardMark(name);
      });
    },
    sendClear() {
      sent.push('clear');
      const flushed = pending;
      pending = [];
      playingUntilMs = clock.now();
      clock.after(30, () => {
        for (const name of flushed) mouth.heardMark(name);
      });
    },
    hangUp() {},
  };
  const mouth = createMouth(line, clock);
  const dropMarks = () => {
    pending = [];
  };
  return { clock, mouth, sent, sentMs: () => sentMs, dropMarks };
}

const seconds = (count: number) => new Uint8Array(count * BYTES_PER_SECOND);

test('the first frame goes alone, with a mark that tells when playing began', async () => {
  const { clock, mouth, sent } = createPlayingLine();
  const speech = mouth.begin(3);
  speech.add(seconds(1));
  expect(sent.slice(0, 2)).toEqual(['media 160', 'mark t3.1.start']);
  await clock.advance(100);
  expect(await speech.firstHeardAtMs).toBe(0);
});

test('audio is sent at twice real time and never more than three seconds ahead', async () => {
  const { clock, mouth, sentMs } = createPlayingLine();
  mouth.begin(0).add(seconds(20));
  await clock.advance(1000);
  expect(sentMs()).toBeGreaterThan(1900);
  expect(sentMs()).toBeLessThanOrEqual(2220);
  await clock.advance(7000);
  expect(sentMs()).toBeLessThanOrEqual(8000 + 3000);
});

test('speech is over when its last mark came back, and all of it was heard', async () => {
  const { clock, mouth } = createPlayingLine();
  const speech = mouth.begin(1);
  speech.add(seconds(2));
  speech.endSentence('Two seconds of words.');
  speech.finish();
  await clock.advance(5000);
  expect(await speech.done).toMatchObject({
    sentMs: 2000,
    heardMs: 2000,
    discardedMs: 0,
    marksSent: 2,
    marksAcked: 2,
    heardText: 'Two seconds of words.',
    cleared: false,
  });
  expect(mouth.speaking).toBe(false);
});

test('an interrupted speech keeps only the words that were heard', async () => {
  const { clock, mouth, sent } = createPlayingLine();
  const speech = mouth.begin(1);
  speech.add(seconds(1));
  speech.endSentence('One two three.');
  speech.add(seconds(2));
  speech.endSentence('four five six seven.');
  speech.finish();
  await clock.advance(2000);
  expect(mouth.interrupt()).toBe(true);
  await clock.advance(100);
  const playout = await speech.done;
  expect(sent.at(-1)).toBe('clear');
  expect(playout).toMatchObject({ cleared: true, heardText: 'One two three. four five' });
  expect(playout.heardMs + playout.discardedMs).toBe(playout.sentMs);
  expect(playout.marksFlushed).toBe(1);
  expect(playout.endedAtMs).toBe(2030);
});

test('interrupting before anything was sent clears nothing', async () => {
  const { mouth, sent } = createPlayingLine();
  const speech = mouth.begin(1);
  expect(mouth.interrupt()).toBe(false);
  speech.add(seconds(1));
  expect(sent).toEqual([]);
  expect((await speech.done).cleared).toBe(true);
});

test('a timer of an interrupted speech does not silence the next one', async () => {
  const { clock, mouth } = createPlayingLine();
  const first = mouth.begin(1);
  first.add(seconds(2));
  first.endSentence('All of it is sent, some of it still plays.');
  first.finish();
  await clock.advance(1500);
  mouth.interrupt();
  await clock.advance(100);
  const second = mouth.begin(2);
  second.add(seconds(10));
  second.endSentence('A long answer.');
  second.finish();
  await clock.advance(20_000);
  expect(await second.done).toMatchObject({ heardMs: 10_000, cleared: false });
});

test('a mark that never comes back does not hold the turn for ever', async () => {
  const { clock, mouth, dropMarks } = createPlayingLine();
  const speech = mouth.begin(1);
  speech.add(seconds(1));
  speech.endSentence('Lost.');
  speech.finish();
  await clock.advance(600);
  dropMarks();
  await clock.advance(5000);
  expect((await speech.done).cleared).toBe(false);
});

const EIGHT_WORDS = 'one two three four five six seven eight.';

test('of a sentence that was interrupted before its end was sent the words that were heard are kept', async () => {
  const { clock, mouth } = createPlayingLine();
  const speech = mouth.begin(1);
  speech.add(seconds(8));
  speech.endSentence(EIGHT_WORDS);
  speech.add(seconds(8));
  speech.endSentence('Nothing of this is heard.');
  await clock.advance(3000);
  mouth.interrupt();
  await clock.advance(100);
  expect((await speech.done).heardText).toBe('one two three');
});

test('of a sentence that was interrupted while its audio still came no more words are kept than can have been said', async () => {
  const { clock, mouth } = createPlayingLine();
  const speech = mouth.begin(1);
  speech.beginSentence(EIGHT_WORDS);
  speech.add(seconds(1));
  await clock.advance(900);
  mouth.interrupt();
  speech.endSentence(EIGHT_WORDS);
  await clock.advance(100);
  expect((await speech.done).heardText).toBe('one two');
});

test('a sentence of which nothing was sent leaves no words', async () => {
  const { clock, mouth } = createPlayingLine();
  const speech = mouth.begin(1);
  speech.add(seconds(1));
  speech.endSentence('All of it.');
  await clock.advance(1500);
  speech.beginSentence('Nothing of it.');
  mouth.interrupt();
  await clock.advance(100);
  expect(await speech.done).toMatchObject({ heardMs: 1000, heardText: 'All of it.' });
});

test('the silence between a filler and the answer is no speech that was heard', async () => {
  const { clock, mouth } = createPlayingLine();
  const speech = mouth.begin(1);
  speech.add(seconds(1.5));
  speech.endSentence('One moment.');
  await clock.advance(4500);
  speech.add(seconds(2));
  speech.endSentence(EIGHT_WORDS);
  await clock.advance(1000);
  mouth.interrupt();
  await clock.advance(100);
  const { heardMs, heardText } = await speech.done;
  expect(heardMs).toBe(1500 + 1030);
  expect(heardText).toBe('One moment. one two three four');
});
