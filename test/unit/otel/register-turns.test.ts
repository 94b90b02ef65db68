import { openTurnStage } from '../../helpers/turn-stage.ts';

const SILENT = Buffer.alloc(160, 0xff);

test('the bot greets, the caller asks, the bot answers: two turns, each over when it has been played', () => {
  const { turns, told, opened, pass, say, stage } = openTurnStage();
  turns.begin();
  pass(200);
  say(1000);
  pass(3000);
  pass(600, true);
  pass(500);
  turns.stageStarted(stage('transcription', 1));
  turns.stageEnding(stage('transcription', 1), 0, undefined);
  pass(300);
  say(400);
  pass(2500);
  expect(told).toEqual([
    'turn 0 at 1000',
    'turn 0 completed at 2450',
    'turn 1 at 4200',
    'turn 1 committed at 5300 by local_vad',
    'turn 1 completed at 6250',
  ]);
  expect(opened).toEqual([1200]);
});

test('an answer of which a model still works does not end in a pause', () => {
  const { turns, told, pass, say, stage } = openTurnStage();
  turns.begin();
  turns.stageStarted(stage('synthesis', 0));
  say(200);
  pass(4000);
  expect(told).toEqual(['turn 0 at 1000']);
  turns.stageEnding(stage('synthesis', 0), 0, undefined);
  pass(20);
  expect(told).toEqual(['turn 0 at 1000', 'turn 0 completed at 1450']);
});

test.each([
  ['after its ear was sure', 200],
  ['as soon as it hears something', 40],
])('a caller who speaks into the answer of a bot that clears %s interrupts it', (_, beforeClearMs) => {
  const { turns, told, pass, say } = openTurnStage();
  turns.begin();
  say(5000);
  pass(1000);
  pass(beforeClearMs, true);
  turns.clearSent();
  const clearedAtMs = 2000 + beforeClearMs;
  pass(400, true);
  expect([...told].sort()).toEqual(['turn 0 at 1000', `turn 0 interrupted at ${clearedAtMs}`, 'turn 1 at 2000']);
});

test('an answer whose mark has not come back may still be playing; one whose mark has, is not', () => {
  for (const isBack of [false, true]) {
    const { turns, told, pass, say } = openTurnStage();
    turns.begin();
    say(1000);
    turns.sendingMark('end');
    pass(isBack ? 900 : 980);
    if (isBack) turns.markBack('end');
    pass(60, true);
    turns.clearSent();
    pass(400, true);
    expect(told.some((line) => line.startsWith('turn 0 interrupted'))).toBe(!isBack);
  }
});

test('a bot that breaks its answer off without a clear was interrupted too', () => {
  const { turns, told, pass, say, stage } = openTurnStage();
  turns.begin();
  turns.stageStarted(stage('synthesis', 0));
  say(600);
  pass(400);
  pass(100, true);
  turns.stageEnding(stage('synthesis', 0), 0, 'cancelled');
  pass(900, true);
  expect(told).toEqual(['turn 0 at 1000', 'turn 1 at 1400', 'turn 0 interrupted at 1850']);
});

test('a caller who goes on after a pause goes on in the same turn, and its end counts anew', () => {
  const { turns, told, pass, stage } = openTurnStage();
  turns.begin();
  pass(400, true);
  pass(600);
  turns.stageStarted(stage('transcription', 1));
  pass(400, true);
  pass(600);
  turns.stageStarted(stage('transcription', 1));
  expect(told).toEqual([
    'turn 0 at 1000',
    'turn 0 completed at 1000',
    'turn 1 at 1000',
    'turn 1 committed at 2000 by local_vad',
    'turn 1 committed at 3000 by local_vad',
  ]);
});

test('a transcription that begins while the caller still speaks is no end of what is said', () => {
  const { turns, told, pass, stage } = openTurnStage();
  turns.begin();
  pass(400, true);
  turns.stageStarted(stage('transcription', 1));
  expect(told.filter((line) => line.includes('committed'))).toEqual([]);
});

test('the ear of a provider commits a turn, once, and not while it is answered', () => {
  const { turns, told, pass, say } = openTurnStage();
  turns.begin();
  pass(400, true);
  pass(300);
  turns.committed('provider_vad');
  turns.committed('provider_vad');
  say(200);
  turns.committed('provider_vad');
  expect(told.filter((line) => line.includes('committed'))).toEqual(['turn 1 committed at 1700 by provider_vad']);
});

test('what the bot says unasked is a turn of its own; silence that it sends is none', () => {
  const { turns, told, pass, say } = openTurnStage();
  turns.begin();
  say(200);
  pass(3000);
  turns.sendingMedia(SILENT);
  pass(2000);
  expect(told).toEqual(['turn 0 at 1000', 'turn 0 completed at 1450']);
  say(200);
  turns.close();
  expect(told.slice(2)).toEqual(['turn 1 at 6000']);
});

test('a short sound of the caller under an answer that goes on does not take its audio', () => {
  const { turns, told, pass, say } = openTurnStage();
  turns.begin();
  say(2000);
  pass(500);
  pass(200, true);
  pass(300);
  say(1000);
  pass(2400);
  expect(told).toEqual(['turn 0 at 1000', 'turn 1 at 1500', 'turn 0 completed at 4250']);
  expect(turns.hasOpenTurn(1)).toBe(true);
});
