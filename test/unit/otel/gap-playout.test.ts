import { createAudio, createMediaStage, hearCaller } from '../../helpers/media-stage.ts';

test('a buffer that ran dry in the middle of a reply is a hole; pieces in time are none', () => {
  const stage = createMediaStage();
  hearCaller(stage);
  stage.say(createAudio(200), 'p');
  stage.hear(160, false);
  stage.say(createAudio(200), 'x');
  stage.hear(340, false);
  stage.say(createAudio(200), 'x');
  expect(stage.told.filter((line) => line.startsWith('hole'))).toEqual(['hole of 100']);
});

test('a reply without a mark at its end was played until its audio was over, not until the mark in its middle came back', () => {
  const stage = createMediaStage();
  hearCaller(stage);
  stage.say(createAudio(3000), 'p');
  stage.hear(80, false);
  stage.markBack('p');
  stage.hear(3500, false);
  stage.end(1);
  const { startedAtMs = 0, endedAtMs = 0 } = stage.playouts.get(1) ?? {};
  expect(endedAtMs - startedAtMs).toBeGreaterThanOrEqual(3000);
  expect(endedAtMs - startedAtMs).toBeLessThan(3100);
});

test('a turn whose number is used again while it is open has its own audio, and the new one its own', () => {
  const stage = createMediaStage();
  hearCaller(stage);
  stage.say(createAudio(300), 'p', 'first');
  const ended: number[] = [];
  const first = stage.turnOf(1);
  stage.hear(500, false);
  stage.markBack('p');
  stage.startTurn(1);
  stage.say(createAudio(700), 'q', 'second');
  stage.hear(60, false);
  stage.watch.turnEnding(first, 'completed', stage.nowMs);
  ended.push(stage.playouts.get(1)?.sentMs ?? 0);
  stage.hear(800, false);
  stage.markBack('second');
  stage.end(1);
  ended.push(stage.playouts.get(1)?.sentMs ?? 0);
  expect(ended).toEqual([300, 700]);
});
