import { createLatencySource, type LatencyKind } from '../../../services/openai/domain/latency.ts';

function draw(seed: number, kind: LatencyKind, count: number): number[] {
  const source = createLatencySource(seed, 'healthy');
  return Array.from({ length: count }, () => source.next(kind));
}

function quantile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;
}

test('the same seed gives the same latencies, another seed others', () => {
  expect(draw(7, 'reply', 20)).toEqual(draw(7, 'reply', 20));
  expect(draw(7, 'reply', 20)).not.toEqual(draw(8, 'reply', 20));
});

test('requests of one kind do not shift the latencies of another', () => {
  const source = createLatencySource(1, 'healthy');
  source.next('transcription');
  expect(source.next('reply')).toBe(draw(1, 'reply', 1)[0]);
});

test.each([
  ['transcription', 140, 200, 260],
  ['reply', 210, 300, 340],
  ['extraction', 380, 490, 550],
  ['speech', 60, 82, 95],
  ['realtimeTranscript', 90, 140, 180],
  ['realtimeSpeech', 70, 90, 105],
] as const)('healthy %s: median about %i ms, p95 at most %i ms, never above %i ms', (kind, median, p95, cut) => {
  const values = draw(1, kind, 20_000);
  expect(Math.abs(quantile(values, 0.5) - median)).toBeLessThan(0.05 * median);
  expect(quantile(values, 0.95)).toBeLessThanOrEqual(p95);
  expect(quantile(values, 0.95)).toBeGreaterThan(0.85 * p95);
  expect(Math.max(...values)).toBeLessThanOrEqual(cut);
});

test('the profile instant waits for nothing', () => {
  const source = createLatencySource(1, 'healthy');
  source.setProfile('instant');
  expect(source.next('speech')).toBe(0);
});
