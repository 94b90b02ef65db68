import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { ErrorTypeName, StageName } from '../../../otel/src/conventions/index.ts';
import type { MeasureEntry } from '../../../otel/src/measures/measure-ring.ts';
import { createStatistics, KEPT_MEASURES, type StageStatistics } from '../../../otel/src/measures/statistics.ts';

type Given = {
  readonly stage: StageName;
  readonly provider: string | undefined;
  readonly durationMs: number;
  readonly errorType: ErrorTypeName | undefined;
  readonly afterMs: number;
};

const given: fc.Arbitrary<Given> = fc.record({
  stage: fc.constantFrom('reply', 'save', 'response_gap'),
  provider: fc.constantFrom(undefined, 'openai', 'deepgram'),
  durationMs: fc.oneof(fc.nat(3), fc.double({ min: 0, max: 60_000, noNaN: true })),
  errorType: fc.constantFrom(undefined, undefined, 'api', 'timeout', 'cancelled'),
  afterMs: fc.nat(40_000),
});

function entryOf({ stage, provider, durationMs, errorType }: Given, endedAtMs: number, index = 0): MeasureEntry {
  return {
    kind: { stage, name: `${stage} it`, provider, model: undefined },
    place: { callSid: `CA${index}`, streamSid: 'MZ1' },
    turnIndex: index % 2 === 0 ? undefined : index,
    durationMs,
    endedAtMs,
    timestampMs: 1_000_000 + endedAtMs,
    errorType,
    errorMessage: errorType === 'api' ? `said ${index}` : undefined,
  };
}

/** The figures by their definitions, from plain lists. */
function naive(kept: readonly Given[], isByProvider: boolean): StageStatistics[] {
  const names = new Set(kept.map(({ stage, provider }) => JSON.stringify(isByProvider ? [stage, provider] : [stage])));
  return [...names].map((name) => {
    const of = kept.filter(
      ({ stage, provider }) => JSON.stringify(isByProvider ? [stage, provider] : [stage]) === name,
    );
    const times = of.map((one) => one.durationMs);
    // The smallest time that at least so many per cent of all times do not exceed.
    const percentile = (percent: number) =>
      Math.min(
        ...times.filter((time) => times.filter((other) => other <= time).length * 100 >= percent * times.length),
      );
    const having = (errorType: string) => of.filter((one) => one.errorType === errorType).length;
    const first = of[0] as Given;
    return {
      stage: first.stage,
      ...(isByProvider && first.provider !== undefined ? { provider: first.provider } : {}),
      count: of.length,
      errors: having('api'),
      timeouts: having('timeout'),
      cancelled: having('cancelled'),
      errorShare: (having('api') + having('timeout')) / of.length,
      minMs: Math.min(...times),
      meanMs: times.reduce((sum, time) => sum + time, 0) / of.length,
      p50Ms: percentile(50),
      p95Ms: percentile(95),
      p99Ms: percentile(99),
      maxMs: Math.max(...times),
    };
  });
}

function expectSame(rows: readonly StageStatistics[], expected: readonly StageStatistics[]): void {
  const key = ({ stage, provider }: StageStatistics) => `${stage} ${provider}`;
  const sorted = (list: readonly StageStatistics[]) => list.toSorted((one, two) => key(one).localeCompare(key(two)));
  const withoutMean = (list: readonly StageStatistics[]) => sorted(list).map(({ meanMs: _, ...row }) => row);
  expect(withoutMean(rows)).toEqual(withoutMean(expected));
  for (const [index, row] of sorted(rows).entries()) {
    // Sums of doubles depend on their order in the last digits.
    expect(Math.abs(row.meanMs - (sorted(expected)[index]?.meanMs ?? 0))).toBeLessThanOrEqual(1e-6);
  }
}

test('figures are those of a plain computation over the measures that are kept, in whatever order they come', () => {
  const property = fc.property(
    fc.array(given, { maxLength: 160, size: 'max' }),
    fc.integer({ min: 1, max: 90 }),
    (all, capacity) => {
      let nowMs = 0;
      const statistics = createStatistics(capacity, () => nowMs);
      const ends = all.map((one, index) => {
        nowMs += one.afterMs;
        statistics.add(entryOf(one, nowMs, index));
        return nowMs;
      });
      const kept = all.slice(-capacity);
      expect(statistics.kept).toBe(kept.length);
      expect(statistics.recorded).toBe(all.length);
      expectSame(statistics.byStage(), naive(kept, false));
      expectSame(statistics.byProvider(), naive(kept, true));
      expect(statistics.recent(capacity).map((measure) => measure.callSid)).toEqual(
        all
          .map((_, index) => `CA${index}`)
          .slice(-capacity)
          .reverse(),
      );
      const lately = kept.filter(
        (one, index) => (ends.slice(-capacity)[index] ?? 0) >= nowMs - 120_000 && one.stage === 'save',
      );
      const mean = lately.reduce((sum, one) => sum + one.durationMs, 0) / lately.length;
      if (lately.length === 0) expect(statistics.average(2, { stage: 'save' })).toBeUndefined();
      else expect(statistics.average(2, { stage: 'save' })).toBeCloseTo(mean, 6);
    },
  );
  fc.assert(property, { numRuns: 500, seed: 5 });
});

test('percentiles are nearest rank: of 100 measures, the 95th smallest is p95', () => {
  const statistics = createStatistics();
  for (let ms = 100; ms >= 1; ms -= 1) statistics.add(entryOf({ ...REPLY, durationMs: ms }, ms));
  expect(statistics.byStage()).toEqual([
    {
      stage: 'reply',
      count: 100,
      errors: 0,
      timeouts: 0,
      cancelled: 0,
      errorShare: 0,
      minMs: 1,
      meanMs: 50.5,
      p50Ms: 50,
      p95Ms: 95,
      p99Ms: 99,
      maxMs: 100,
    },
  ]);
});

const REPLY: Given = { stage: 'reply', provider: 'openai', durationMs: 5, errorType: undefined, afterMs: 0 };

test('10,000 measures are kept; the oldest goes first, with everything that was known of it', () => {
  const statistics = createStatistics();
  for (let index = 0; index < KEPT_MEASURES + 3; index += 1) {
    statistics.add(entryOf({ ...REPLY, errorType: index < 3 ? 'api' : undefined }, index, index));
  }
  expect(statistics.kept).toBe(10_000);
  expect(statistics.recorded).toBe(10_003);
  expect(statistics.byStage()[0]).toMatchObject({ count: 10_000, errors: 0 });
  const all = statistics.recent(20_000);
  expect(all).toHaveLength(10_000);
  expect([all[0]?.callSid, all.at(-1)?.callSid]).toEqual(['CA10002', 'CA3']);
  expect(all.filter((measure) => measure.errorMessage !== undefined)).toEqual([]);
});

test('recent measures come newest first, filtered, as plain frozen objects without what they have not', () => {
  const statistics = createStatistics();
  statistics.add(entryOf({ ...REPLY, errorType: 'api' }, 7, 1));
  statistics.add(entryOf({ ...REPLY, provider: undefined, errorType: 'timeout' }, 8, 2));
  statistics.add(entryOf({ ...REPLY, stage: 'save', errorType: 'cancelled' }, 9, 4));
  expect(statistics.recent(1, { stage: 'reply', provider: 'openai' })).toEqual([
    {
      stage: 'reply',
      name: 'reply it',
      durationMs: 5,
      status: 'error',
      timestampMs: 1_000_007,
      callSid: 'CA1',
      streamSid: 'MZ1',
      turnIndex: 1,
      provider: 'openai',
      errorType: 'api',
      errorMessage: 'said 1',
    },
  ]);
  expect(statistics.recent().map((measure) => measure.status)).toEqual(['success', 'timeout', 'error']);
  expect(Object.isFrozen(statistics.recent()[0])).toBe(true);
  expect(Object.keys(statistics.recent()[1] ?? {})).not.toContain('provider');
  expect(statistics.recent(0)).toEqual([]);
});

test('after a reset nothing is left, and counting goes on', () => {
  const statistics = createStatistics();
  statistics.add(entryOf(REPLY, 1));
  statistics.reset();
  expect([statistics.kept, statistics.recorded, statistics.byStage(), statistics.recent()]).toEqual([0, 0, [], []]);
  statistics.add(entryOf(REPLY, 2));
  expect(statistics.byStage()).toHaveLength(1);
});

test('a wrong question is refused by name, value and expected form', () => {
  const statistics = createStatistics();
  expect(() => statistics.recent(-1)).toThrow(new TypeError('count is -1; expected a whole number from 0'));
  expect(() => statistics.average(0)).toThrow(new TypeError('minutes is 0; expected a number above 0'));
  expect(() => statistics.average(Number.NaN)).toThrow(TypeError);
  expect(() => statistics.recent(1, { stage: 'replies' as 'reply' })).toThrow(
    /^stage is "replies"; expected one of setup, /,
  );
  expect(() => statistics.average(1, { vendor: 'x' } as object)).toThrow(
    /^vendor is "x"; expected an option of average/,
  );
});

test('an export is a whole JSON file with figures and lines, or none at all', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'callspan-measures-'));
  const statistics = createStatistics();
  statistics.add(entryOf({ ...REPLY, errorType: 'timeout' }, 1, 1));
  const path = join(folder, 'new', 'export.json');
  await statistics.exportTo(path);
  const written = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  expect(Object.keys(written)).toEqual(['exported_at', 'recorded', 'kept', 'stages', 'providers', 'measures']);
  expect(written).toMatchObject({ recorded: 1, kept: 1, stages: statistics.byStage() });
  expect(written.measures).toEqual([
    {
      operation_type: 'reply',
      operation_name: 'reply it',
      latency_ms: 5,
      status: 'timeout',
      timestamp: '1970-01-01T00:16:40.001Z',
      call_sid: 'CA1',
      stream_sid: 'MZ1',
      provider: 'openai',
      error_message: 'timeout',
      metadata: { turn_index: 1, error_type: 'timeout' },
    },
  ]);
  writeFileSync(join(folder, 'file'), '');
  await expect(statistics.exportTo(join(folder, 'file', 'export.json'))).rejects.toThrow();
  expect(readdirSync(join(folder, 'new'))).toEqual(['export.json']);
  rmSync(folder, { recursive: true });
});
