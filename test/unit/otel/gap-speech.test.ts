import { createMediaStage } from '../../helpers/media-stage.ts';

test('speech is told as soon as it belongs to a turn, while the caller still speaks', () => {
  const early = createMediaStage();
  early.hear(200, false);
  early.hear(40, true);
  early.startTurn(1, 200);
  early.hear(40, true);
  expect(early.told).toEqual(['speech 1 from 200']);
  const late = createMediaStage();
  late.hear(200, false);
  late.hear(100, true);
  expect(late.told).toEqual([]);
  late.startTurn(1, 200);
  expect(late.told).toEqual(['speech 1 from 200']);
});

test('a click of two frames is no speech, and a pause inside what is said is no end', () => {
  const stage = createMediaStage();
  stage.hear(200, false);
  stage.hear(40, true);
  stage.hear(500, false);
  expect(stage.line.runs).toHaveLength(0);
  stage.hear(300, true);
  stage.hear(160, false);
  stage.hear(20, true);
  stage.hear(400, false);
  expect(stage.line.runs).toMatchObject([{ onsetMs: 740, endMs: 1220, isOpen: false }]);
});
