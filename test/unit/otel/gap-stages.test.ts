import type { OpenStage } from '../../../otel/src/call/observer.ts';
import type { StageName } from '../../../otel/src/conventions/index.ts';
import { TurnStages } from '../../../otel/src/gap/turn-stages.ts';

/** Stages of one turn: when each began, gave its first output and ended. */
function createStages(rows: readonly (readonly [StageName, string, number, number?, number?])[]): TurnStages {
  const stages = new TurnStages();
  for (const [stage, model, startedAtMs, outputAtMs, endedAtMs] of rows) {
    const open = { stage, model, provider: 'acme', startedAtMs, span: {} } as OpenStage;
    stages.started(open);
    if (outputAtMs !== undefined) stages.firstOutput(open, outputAtMs);
    if (endedAtMs !== undefined) stages.ended(open, endedAtMs);
  }
  return stages;
}

test('a wait is explained by its transcription, its reply and its first synthesis', () => {
  const behind = createStages([
    ['transcription', 'ears', 100, 150, 300],
    ['reply', 'mind', 310, 500, 900],
    ['extraction', 'form', 310, 400, 600],
    ['synthesis', 'voice', 520, 610, 800],
    ['synthesis', 'voice', 640, 700, 900],
  ]).behind(650);
  expect(behind).toMatchObject({
    points: { transcribedMs: 300, firstTokenMs: 500, synthesisStartedMs: 520, firstByteMs: 610 },
    transcription: { model: 'ears', provider: 'acme' },
    reply: { model: 'mind' },
    synthesis: { model: 'voice' },
  });
});

test('what ended only after the first sound was sent is no point of the wait', () => {
  const { points } = createStages([
    ['transcription', 'ears', 100, 150, 700],
    ['reply', 'mind', 310, 500],
    ['synthesis', 'late', 660, 700],
  ]).behind(650);
  expect(points.transcribedMs).toBeUndefined();
  expect(points.synthesisStartedMs).toBeUndefined();
});

test('a reply that was begun anew counts from its last beginning, with the voice behind that one', () => {
  const behind = createStages([
    ['reply', 'first', 100, 200],
    ['synthesis', 'of the first', 220, 250],
    ['reply', 'second', 400, 500],
    ['synthesis', 'of the second', 510, 600],
  ]).behind(620);
  expect(behind.points).toMatchObject({ firstTokenMs: 500, synthesisStartedMs: 510, firstByteMs: 600 });
  expect([behind.reply?.model, behind.synthesis?.model]).toEqual(['second', 'of the second']);
});
