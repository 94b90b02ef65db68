import { createAudio, createMediaStage, hearCaller } from '../../helpers/media-stage.ts';

const ofWaits = (told: readonly string[]) => told.filter((line) => /waited|unmeasured/.test(line));

test('the wait runs from the last voiced frame to the first audible one, whatever silence the reply begins with', () => {
  const stage = createMediaStage();
  hearCaller(stage);
  stage.hear(200, false);
  // Sent at 1800, audible 100 ms later, its first audible frame played at 1960 when played at once on a line 40 ms away.
  stage.say(createAudio(1000, 100), 'p', 'end');
  stage.hear(160, false);
  stage.markBack('p');
  stage.hear(60, false);
  expect(stage.told).toEqual(['speech 1 from 200', 'speech 1 to 1200', 'turn 1 waited 750 by media_clock']);
  expect(stage.gaps.get(1)).toMatchObject({
    uncertaintyMs: 10,
    platformMs: 600,
    eosSource: 'local_vad',
    isFiller: false,
  });
  expect(stage.gaps.get(1)?.parts[0]).toEqual({ segment: 'endpointing', fromMs: 1200, toMs: 1600 });
});

test('when many frames are missing around the mark, our clock tells, and says how well', () => {
  const stage = createMediaStage();
  hearCaller(stage);
  stage.say(createAudio(500), 'p');
  stage.hear(20, false);
  stage.lose(100);
  stage.markBack('p');
  stage.lose(40);
  stage.hear(60, false);
  expect(stage.told.at(-1)).toBe('turn 1 waited 490 by mark_ack');
  expect(stage.gaps.get(1)?.uncertaintyMs).toBe(20);
});

test.each([7000, -900])(
  'a line whose clock is set (by %p ms) during a wait is measured across it, and is less certain',
  (byMs) => {
    const stage = createMediaStage();
    hearCaller(stage);
    stage.setClock(byMs);
    stage.say(createAudio(500), 'p');
    stage.hear(60, false);
    stage.markBack('p');
    stage.hear(60, false);
    expect(stage.told.at(-1)).toBe('turn 1 waited 450 by mark_ack');
    expect(stage.gaps.get(1)?.uncertaintyMs).toBe(50);
  },
);

test('what was heard lies after what was sent, also on a line that sends a frame at its beginning', () => {
  const stage = createMediaStage();
  hearCaller(stage);
  stage.say(createAudio(500), 'p');
  stage.markBack('p');
  stage.hear(60, false);
  const gap = stage.gaps.get(1);
  expect(gap).toMatchObject({ source: 'media_clock', playedAtMs: 1600, eosAtMs: 1210 });
  expect(gap?.parts.at(-1)).toEqual({ segment: 'carrier_buffer', fromMs: 1600, toMs: 1600 });
});

test('a bot that begins its turn only after the speech gets the speech all the same', () => {
  const stage = createMediaStage();
  stage.hear(200, false);
  stage.hear(1000, true);
  stage.hear(400, false);
  stage.startTurn(1);
  stage.commit(1);
  stage.say(createAudio(500), 'p');
  stage.hear(60, false);
  stage.markBack('p');
  stage.hear(60, false);
  expect(stage.told).toEqual(['speech 1 from 200', 'speech 1 to 1200', 'turn 1 waited 450 by media_clock']);
});

test('a bot that never says when speech is over is measured from what was heard before its reply', () => {
  const stage = createMediaStage();
  stage.startTurn(1);
  stage.hear(3000, false);
  stage.hear(1000, true);
  stage.hear(400, false);
  stage.say(createAudio(500), 'p');
  stage.hear(60, false);
  stage.markBack('p');
  stage.hear(60, false);
  expect(stage.told).toEqual(['speech 1 from 3000', 'speech 1 to 4000', 'turn 1 waited 450 by media_clock']);
});

test('what was said long ago, and was nobody’s turn, is not what a prompt answers', () => {
  const stage = createMediaStage();
  stage.hear(200, false);
  stage.hear(200, true);
  stage.hear(6000, false);
  stage.startTurn(1);
  stage.say(createAudio(500), 'p');
  stage.end(1);
  expect(stage.told).toEqual(['turn 1 unmeasured: bot_first']);
});

test('a turn in which the bot speaks first has no wait', () => {
  const stage = createMediaStage();
  stage.hear(100, false);
  stage.startTurn(0);
  stage.say(createAudio(500), 'p', 'end');
  stage.hear(100, false);
  stage.markBack('p');
  stage.hear(500, false);
  stage.markBack('end');
  stage.end(0);
  expect(ofWaits(stage.told)).toEqual(['turn 0 unmeasured: bot_first']);
});

test('a caller who goes on before the reply makes the wait void', () => {
  const stage = createMediaStage();
  hearCaller(stage);
  stage.hear(200, false);
  stage.hear(100, true);
  stage.startTurn(2);
  stage.end(1, 'interrupted');
  expect(ofWaits(stage.told)).toEqual(['turn 1 unmeasured: caller_resumed']);
});

test('a bot that waits for a caller who went on, and says so, is measured from the later end', () => {
  const stage = createMediaStage();
  hearCaller(stage);
  stage.hear(300, true);
  stage.hear(400, false);
  stage.commit(1);
  stage.say(createAudio(500), 'p');
  stage.hear(60, false);
  stage.markBack('p');
  stage.hear(60, false);
  expect(ofWaits(stage.told)).toEqual(['turn 1 waited 450 by media_clock']);
});

test('a reply that is cleared before any of it played was not heard', () => {
  const stage = createMediaStage();
  stage.hear(100, false);
  stage.startTurn(0);
  stage.say(createAudio(40), 'g');
  stage.hear(200, false);
  stage.markBack('g');
  stage.hear(100, false);
  stage.end(0);
  hearCaller(stage);
  stage.say(createAudio(500), 'p', 'end');
  stage.hear(60, false);
  stage.clear('c');
  stage.hear(40, false);
  for (const name of ['p', 'end', 'c']) stage.markBack(name);
  stage.end(1, 'interrupted');
  expect(ofWaits(stage.told)).toEqual(['turn 0 unmeasured: bot_first', 'turn 1 unmeasured: barge_in_before_audio']);
  expect(stage.line.marks).toMatchObject({ sent: 4, acked: 2, flushed: 2, missed: 0 });
});

test('a turn that ends without a sound has no reply, and one of a stream without frames no media', () => {
  const stage = createMediaStage();
  hearCaller(stage);
  stage.end(1);
  const deaf = createMediaStage();
  deaf.startTurn(1);
  deaf.end(1);
  expect(ofWaits([...stage.told, ...deaf.told])).toEqual([
    'turn 1 unmeasured: no_reply',
    'turn 1 unmeasured: no_media',
  ]);
});

test('a wait of more than a minute is nonsense and said to be', () => {
  const stage = createMediaStage();
  hearCaller(stage);
  stage.hear(60_000, false);
  stage.say(createAudio(500), 'p');
  stage.hear(60, false);
  stage.markBack('p');
  stage.hear(60, false);
  expect(ofWaits(stage.told)).toEqual(['turn 1 unmeasured: insane']);
});

test('a filler ends the wait, and the wait for the answer is told beside it', () => {
  const stage = createMediaStage();
  hearCaller(stage);
  stage.filler(1, true);
  stage.say(createAudio(400), 'p');
  stage.hear(60, false);
  stage.markBack('p');
  stage.hear(1000, false);
  expect(ofWaits(stage.told)).toEqual([]);
  stage.filler(1, false);
  stage.say(createAudio(500, 20), 'q');
  stage.hear(100, false);
  stage.markBack('q');
  stage.hear(60, false);
  expect(ofWaits(stage.told)).toEqual(['turn 1 waited 450 by media_clock']);
  expect(stage.gaps.get(1)).toMatchObject({ isFiller: true, substantiveMs: 1550 });
  expect(stage.told.filter((line) => line.startsWith('hole'))).toEqual([]);
});

test('a filler without an answer is told when its turn ends', () => {
  const stage = createMediaStage();
  hearCaller(stage);
  stage.filler(1, true);
  stage.say(createAudio(400), 'p');
  stage.hear(60, false);
  stage.markBack('p');
  stage.hear(500, false);
  stage.end(1);
  expect(ofWaits(stage.told)).toEqual(['turn 1 waited 450 by media_clock']);
  expect(stage.gaps.get(1)?.substantiveMs).toBeUndefined();
});

test('a caller who speaks into the reply silences it: both spoke from the onset until the clear had arrived', () => {
  const stage = createMediaStage();
  hearCaller(stage);
  stage.say(createAudio(4000), 'p', 'end');
  stage.hear(60, false);
  stage.markBack('p');
  stage.hear(1000, false);
  stage.hear(100, true);
  stage.clear('c');
  stage.startTurn(2, stage.nowMs - 100);
  stage.hear(60, true);
  for (const name of ['end', 'c']) stage.markBack(name);
  stage.hear(60, true);
  stage.end(1, 'interrupted');
  const onsetMs = 2660;
  expect(stage.told).toContain('turn 1 interrupted for 170');
  expect(stage.bargeIns.get(1)).toMatchObject({ onsetAtMs: onsetMs, clearSentAtMs: onsetMs + 100, sentMs: 4000 });
  // The reply began to play at 1650.
  expect(stage.playouts.get(1)).toMatchObject({
    heardMs: 1180,
    discardedMs: 2820,
    marks: { sent: 2, acked: 1, flushed: 1 },
  });
});

test('an interrupted turn whose marks are not back yet is told from the round trip', () => {
  const stage = createMediaStage();
  hearCaller(stage);
  stage.say(createAudio(4000), 'p', 'end');
  stage.hear(60, false);
  stage.markBack('p');
  stage.hear(1000, false);
  stage.hear(100, true);
  stage.line.carrier.notePath(50);
  stage.clear('c');
  stage.end(1, 'interrupted');
  expect(stage.bargeIns.get(1)).toMatchObject({ onsetAtMs: 2660, silentAtMs: 2810 });
});

test('the speech that interrupts belongs to the turn that begins with it, and not to the one it interrupts', () => {
  const stage = createMediaStage();
  hearCaller(stage);
  stage.say(createAudio(4000), 'p');
  stage.hear(60, false);
  stage.markBack('p');
  stage.hear(1000, false);
  stage.hear(80, true);
  stage.clear('c');
  stage.startTurn(2, stage.nowMs - 80);
  stage.end(1, 'interrupted');
  stage.hear(500, true);
  stage.hear(400, false);
  stage.commit(2);
  expect(stage.told.filter((line) => line.startsWith('speech'))).toEqual([
    'speech 1 from 200',
    'speech 1 to 1200',
    'speech 2 from 2660',
    'speech 2 to 3240',
  ]);
});
