import type { OpenStage } from '../../../otel/src/call/observer.ts';
import type { DeadAirCause, StageName } from '../../../otel/src/conventions/index.ts';
import { DeadAir } from '../../../otel/src/gap/dead-air.ts';

type Silence = { sinceMs: number; untilMs: number; cause: DeadAirCause };

/** A line with known sounds, looked at five times a second. */
function createQuietLine(limitMs = 3000) {
  const sounds: { who: 'caller' | 'bot'; fromMs: number; toMs: number }[] = [];
  const silences: Silence[] = [];
  const told: number[] = [];
  const line = { since: (sinceMs: number) => sounds.filter(({ toMs }) => toMs > sinceMs) };
  const report = {
    began: (sinceMs: number) => void told.push(sinceMs),
    ended: (silence: Silence) => void silences.push(silence),
  };
  const deadAir = new DeadAir({ limitMs, startedAtMs: 0 }, line, report);
  let nowMs = 0;
  return {
    deadAir,
    silences,
    told,
    sound: (who: 'caller' | 'bot', fromMs: number, toMs: number) => void sounds.push({ who, fromMs, toMs }),
    until(endMs: number) {
      for (; nowMs <= endMs; nowMs += 200) deadAir.tick(nowMs);
    },
    stage(stage: StageName, fromMs: number, toMs?: number) {
      const open = { stage, startedAtMs: fromMs, span: {} } as OpenStage;
      deadAir.stageStarted(open);
      if (toMs !== undefined) deadAir.stageEnding(open, toMs);
    },
  };
}

test('a silence above the limit is told while it lasts, and ends exactly with the next sound', () => {
  const line = createQuietLine();
  line.sound('caller', 500, 1000);
  line.until(3800);
  expect(line.told).toEqual([]);
  line.until(4200);
  expect(line.told).toEqual([1000]);
  line.sound('bot', 5130, 9000);
  line.until(8000);
  expect(line.silences).toEqual([{ sinceMs: 1000, untilMs: 5130, cause: 'none' }]);
  expect(line.told).toHaveLength(1);
});

test('pauses up to the limit between sounds of either side are no dead air', () => {
  const line = createQuietLine();
  for (let at = 0; at < 30_000; at += 3500) line.sound(at % 7000 === 0 ? 'caller' : 'bot', at, at + 600);
  line.until(29_000);
  expect([...line.told, ...line.silences]).toEqual([]);
});

test('what the bot worked on longest in the silence is its cause', () => {
  const line = createQuietLine();
  line.sound('caller', 0, 1000);
  line.stage('transcription', 500, 1900);
  line.stage('reply', 1900, 4500);
  line.stage('synthesis', 4500);
  line.until(4800);
  line.sound('bot', 5000, 6000);
  line.until(6000);
  expect(line.silences[0]?.cause).toBe('waiting_llm');
});

test('when the bot has spoken and works on nothing, it is the caller who is waited for; a call that ends ends the silence', () => {
  const line = createQuietLine();
  line.sound('bot', 100, 2000);
  line.until(9000);
  line.deadAir.close(9100);
  expect(line.silences).toEqual([{ sinceMs: 2000, untilMs: 9100, cause: 'caller' }]);
});

test('a caller who says nothing is the cause of a silence that the bot breaks, unless the bot worked for most of it', () => {
  const causeOf = (workFromMs: number) => {
    const line = createQuietLine();
    line.sound('bot', 100, 2000);
    line.stage('synthesis', workFromMs, 8000);
    line.sound('bot', 8000, 9000);
    line.until(9000);
    return line.silences[0]?.cause;
  };
  expect([causeOf(7900), causeOf(2200)]).toEqual(['caller', 'waiting_tts']);
});

test('a bot that was busy for most of a silence after its own words is its cause, with whatever part took longest', () => {
  const line = createQuietLine();
  line.sound('bot', 100, 2000);
  line.stage('retrieval', 2000, 4000);
  line.stage('reply', 4000, 6500);
  line.sound('bot', 8000, 9000);
  line.until(9000);
  expect(line.silences[0]?.cause).toBe('waiting_llm');
});
