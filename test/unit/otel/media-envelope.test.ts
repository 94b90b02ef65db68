import { Envelope } from '../../../otel/src/media/envelope.ts';

const wallTimeOf = (ms: number) => 1_700_000_000_000 + ms;
type Body = { startMs: number; caller: number[]; bot: number[]; callerSpeech: number[][]; botSpeech: number[][] };
const take = (envelope: Envelope, untilMs: number, speech: readonly (readonly [number, number])[] = []) =>
  JSON.parse(envelope.take({ untilMs, wallTimeOf, callerSpeech: speech, botSpeech: [] }) ?? 'null') as Body;

test('each record goes on where the one before ended, so that nothing is lost between turns', () => {
  const envelope = new Envelope(1000);
  envelope.hear('caller', 1050, 3000);
  envelope.hear('bot', 1420, 3000);
  const first = take(envelope, 1250, [[900, 1100]]);
  const second = take(envelope, 1500);
  expect(first).toMatchObject({
    startMs: wallTimeOf(1000),
    caller: [65, 0, 0],
    bot: [0, 0, 0],
    callerSpeech: [[0, 100]],
  });
  expect(second).toMatchObject({ startMs: wallTimeOf(1300), bot: [0, 65] });
});

test('audio that was thrown away is not drawn', () => {
  const envelope = new Envelope(0);
  for (let at = 0; at < 1000; at += 100) envelope.hear('bot', at, 3000);
  envelope.cutBot(400);
  expect(take(envelope, 1000).bot).toEqual([65, 65, 65, 65, 0, 0, 0, 0, 0, 0]);
});

test('half an hour is at most three records of a few ten kilobytes', () => {
  const envelope = new Envelope(0);
  const sizes: number[] = [];
  for (let at = 0; at <= 1_800_000; at += 100) {
    envelope.hear('caller', at, 30_000);
    if (envelope.isFull(at))
      sizes.push(envelope.take({ untilMs: at, wallTimeOf, callerSpeech: [], botSpeech: [] })?.length ?? 0);
  }
  expect(sizes).toHaveLength(3);
  expect(Math.max(...sizes)).toBeLessThan(40_000);
});

test('a turn that ends before the record before it has nothing to tell', () => {
  const envelope = new Envelope(0);
  take(envelope, 1000);
  expect(envelope.take({ untilMs: 900, wallTimeOf, callerSpeech: [], botSpeech: [] })).toBeUndefined();
});
