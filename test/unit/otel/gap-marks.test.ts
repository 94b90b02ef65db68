import { createAudio, createMediaStage } from '../../helpers/media-stage.ts';

test('a mark that stays away for five seconds is missed, once; one that waits for its audio is not', () => {
  const stage = createMediaStage();
  stage.startTurn(0);
  stage.hear(100, false);
  stage.say(createAudio(200), 'p', 'short');
  stage.hear(4900, false);
  stage.line.tick(stage.nowMs);
  expect(stage.told).toEqual([]);
  stage.hear(600, false);
  stage.line.tick(stage.nowMs);
  stage.line.tick(stage.nowMs);
  expect(stage.told).toEqual(['missed p', 'missed short']);
});
