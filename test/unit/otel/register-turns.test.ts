import { ROOT_CONTEXT } from '@opentelemetry/api';
import type { OpenStage } from '../../../otel/src/call/observer.ts';
import { TurnInference } from '../../../otel/src/register/infer-turns.ts';
import { OutstandingMarks } from '../../../otel/src/register/outstanding-marks.ts';

const LOUD = Buffer.alloc(160, 0x90);
const SILENT = Buffer.alloc(160, 0xff);

/** A call that writes down its turns, on a clock that goes on by frames of 20 ms. */
function openStage() {
  let nowMs = 1000;
  const told: string[] = [];
  const opened: number[] = [];
  const waiting: boolean[] = [];
  const take = () => {
    for (const loud of waiting.splice(0)) {
      isLoud = loud;
      vad.isSpeech(frame);
    }
  };
  const clock = { now: () => nowMs, wallTimeOf: (ms: number) => ms };
  const startTurn = (index: number, startedAtMs = nowMs) => {
    told.push(`turn ${index} at ${startedAtMs}`);
    take();
    return {
      index,
      context: ROOT_CONTEXT,
      setAttributes() {},
      committed: (atMs = nowMs, source = '') => void told.push(`turn ${index} committed at ${atMs} by ${source}`),
      speaksFiller() {},
      recordFailure() {},
      end: (reason: string, atMs = nowMs) => void told.push(`turn ${index} ${reason} at ${atMs}`),
    };
  };
  const turns = new TurnInference({
    call: { startTurn, clock, context: ROOT_CONTEXT },
    rate: 1,
    onOpened: (atMs) => {
      opened.push(atMs);
      take();
    },
  });
  let isLoud = false;
  const vad = turns.listening({ isSpeech: () => isLoud });
  const frame = new Int16Array(160);
  return {
    turns,
    told,
    opened,
    /** So many milliseconds in which the caller speaks or not. */
    pass(durationMs: number, isCallerLoud = false): void {
      isLoud = isCallerLoud;
      for (let ms = 0; ms < durationMs; ms += 20) {
        nowMs += 20;
        vad.isSpeech(frame);
      }
    },
    /** So many milliseconds whose frames wait until somebody is told of something, as those of the tap do. */
    passUnheard(durationMs: number, isCallerLoud = false): void {
      for (let ms = 0; ms < durationMs; ms += 20) {
        nowMs += 20;
        waiting.push(isCallerLoud);
      }
    },
    say: (durationMs: number) => turns.sendingMedia(Buffer.concat(Array.from({ length: durationMs / 20 }, () => LOUD))),
    stage: (stage: string, turnIndex: number) => ({ stage, turnIndex, startedAtMs: nowMs }) as unknown as OpenStage,
  };
}

test('the bot greets, the caller asks, the bot answers: two turns, each over when it has been played', () => {
  const { turns, told, opened, pass, say, stage } = openStage();
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
  const { turns, told, pass, say, stage } = openStage();
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
  const { turns, told, pass, say } = openStage();
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
    const { turns, told, pass, say } = openStage();
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
  const { turns, told, pass, say, stage } = openStage();
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
  const { turns, told, pass, stage } = openStage();
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
  const { turns, told, pass, stage } = openStage();
  turns.begin();
  pass(400, true);
  turns.stageStarted(stage('transcription', 1));
  expect(told.filter((line) => line.includes('committed'))).toEqual([]);
});

test('the ear of a provider commits a turn, once, and not while it is answered', () => {
  const { turns, told, pass, say } = openStage();
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
  const { turns, told, pass, say } = openStage();
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
  const { turns, told, pass, say } = openStage();
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

test('a greeting stays one turn when frames of the caller wait to be heard as it begins', () => {
  const { turns, told, opened, pass, passUnheard, say } = openStage();
  turns.begin();
  passUnheard(100);
  say(1000);
  pass(3000);
  say(200);
  turns.close();
  expect(told).toEqual(['turn 0 at 1000', 'turn 0 completed at 2350', 'turn 1 at 4100']);
  expect(opened).toEqual([1100]);
});

test.each([
  ['each with its own name', (index: number) => `part ${index}`],
  ['all with one name', () => 'responsePart'],
])('an answer in parts with marks behind them, %s, plays until the last has come back', (_, nameOf) => {
  const { turns, told, pass, say } = openStage();
  turns.begin();
  for (let index = 0; index < 30; index += 1) {
    say(200);
    turns.sendingMark(nameOf(index));
    pass(40);
  }
  // Played until 7000; the echoes of the first twelve parts come meanwhile.
  for (let index = 0; index < 12; index += 1) {
    pass(100);
    turns.markBack(nameOf(index));
  }
  pass(300, true);
  turns.clearSent();
  for (let index = 12; index < 30; index += 1) turns.markBack(nameOf(index));
  pass(400, true);
  expect([...told].sort()).toEqual(['turn 0 at 1000', 'turn 0 interrupted at 3700', 'turn 1 at 3400']);
});

test('an answer whose last mark came back has been played, however many went before it or were lost', () => {
  const { turns, told, pass, say } = openStage();
  turns.begin();
  for (const name of ['part', 'lost', 'part']) {
    say(1000);
    turns.sendingMark(name);
  }
  turns.markBack('part');
  turns.markBack('of nobody');
  pass(1000);
  turns.markBack('part');
  pass(2000);
  expect(told).toEqual(['turn 0 at 1000', 'turn 0 completed at 2250']);
});

test('marks of an answer that was cleared are none of the next one, though they have its name', () => {
  const { turns, told, pass, say } = openStage();
  turns.begin();
  say(2000);
  turns.sendingMark('part');
  pass(500);
  pass(100, true);
  turns.clearSent();
  pass(600);
  say(3000);
  turns.sendingMark('part');
  turns.markBack('part');
  pass(2000);
  pass(100, true);
  turns.clearSent();
  pass(100, true);
  expect(told.filter((line) => line.includes('interrupted'))).toEqual([
    'turn 0 interrupted at 1600',
    'turn 1 interrupted at 4300',
  ]);
});

test('marks that never come back are forgotten one day', () => {
  const marks = new OutstandingMarks<object>();
  const [first, later] = [{}, {}];
  marks.sent('first', first);
  for (let index = 0; index < 4000; index += 1) marks.sent('part', later);
  expect([marks.isOut(first), marks.isOut(later)]).toEqual([false, true]);
  expect(marks.back('first')).toBeUndefined();
  expect(marks.back('part')).toBe(later);
});
