import { Stage } from 'callspan/conventions';
import { loadThresholds } from '../../../thresholds/config.ts';
import { COLLECTOR, createCounters, DAY_STEPS, STEP_MS } from '../../../thresholds/simulate/counters.ts';
import { BOT, createDay, type Execution } from '../../../thresholds/simulate/day.ts';
import { expectAlarms } from '../../../thresholds/simulate/expected.ts';
import { judgeDay } from '../../../thresholds/simulate/judge.ts';
import { findPromtool, parseFirings } from '../../../thresholds/simulate/promtool.ts';
import { createRandom, drawMs } from '../../../thresholds/simulate/random.ts';
import { clockOf, findScenarios, simulateDay } from '../../../thresholds/simulate/simulation.ts';
import { makeThresholds } from '../../helpers/made-thresholds.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The values of a series of promtool's notation; `_` is no sample. */
function expand(values: string): (number | undefined)[] {
  return values.split(' ').flatMap((part) => {
    const missing = /^_x(\d+)$/.exec(part);
    if (missing) return Array.from({ length: Number(missing[1]) }, () => undefined);
    const run = /^(\S+)\+0x(\d+)$/.exec(part);
    return run ? Array.from({ length: Number(run[2]) + 1 }, () => Number(run[1])) : [Number(part)];
  });
}

function simulated(name: string, thresholds = makeThresholds(), seed = 1) {
  const scenario = findScenarios(thresholds).find((one) => one.name === name);
  if (!scenario) throw new Error(`no scenario ${name}`);
  return simulateDay(thresholds, scenario, seed);
}

test('a counter of the Collector begins with a 0, and every series has a day of samples', () => {
  const counters = createCounters();
  const count = counters.counter({ name: 'm', labels: { a: 'x"y' }, keeper: COLLECTOR });
  count(3 * STEP_MS, 2);
  count(5 * STEP_MS);
  const [series] = counters.list([]);
  expect(series).toEqual({ series: 'm{a="x\\"y"}', values: `_x2 0 2+0x1 3+0x${DAY_STEPS - 6}` });
  expect(expand(series?.values ?? '')).toHaveLength(DAY_STEPS);
});

test('a counter of a process begins with its first event, and anew after the process was away', () => {
  const counters = createCounters();
  const series = { name: 'm', labels: {}, keeper: BOT };
  for (const step of [1, 2, 6]) counters.counter(series)(step * STEP_MS);
  const [told] = counters.list([{ keeper: BOT, fromMs: 3 * STEP_MS, toMs: 5 * STEP_MS }]);
  expect(expand(told?.values ?? '').slice(0, 8)).toEqual([undefined, 1, 2, undefined, undefined, undefined, 1, 1]);
  const [ofOther] = counters.list([{ keeper: 'other', fromMs: 0, toMs: HOUR_MS }]);
  expect(expand(ofOther?.values ?? '').slice(0, 8)).toEqual([undefined, 1, 2, 2, 2, 2, 3, 3]);
});

test('an execution of exactly the limit is in the bucket of its limit, one above it is not', () => {
  const day = createDay(makeThresholds());
  const save = { stage: Stage.save, provider: 'none', atMs: MINUTE_MS, failed: false };
  day.execute({ ...save, durationMs: 1000 });
  day.execute({ ...save, durationMs: 1001 });
  const last = (part: string) => expand(day.list([]).find(({ series }) => series.includes(part))?.values ?? '').at(-1);
  expect([last('_count'), last('le="1000"'), last('le="3000"')]).toEqual([2, 1, 2]);
});

test('the same seed gives the same day, another seed another', () => {
  const series = (seed: number) => simulated('quiet-night', makeThresholds(), seed).series;
  expect(series(7)).toEqual(series(7));
  expect(series(7)).not.toEqual(series(8));
});

test('a latency has its median and is never above its cut', () => {
  const random = createRandom(3);
  const draws = Array.from({ length: 4001 }, () => drawMs({ medianMs: 200, p95Ms: 300, maxMs: 350 }, random));
  draws.sort((one, other) => one - other);
  expect(draws.at(-1)).toBeLessThanOrEqual(350);
  expect(Math.abs((draws[2000] ?? 0) - 200)).toBeLessThan(10);
});

const of = (stage: Execution['stage'], provider: string, list: readonly (readonly [minute: number, ms: number])[]) =>
  list.map(
    ([minute, durationMs]): Execution => ({
      stage,
      provider,
      durationMs,
      atMs: minute * MINUTE_MS,
      failed: false,
    }),
  );

/** `slow` of ten executions a minute take so long, the others nothing, for half an hour. */
function halfHour(slow: number, durationMs: number): Execution[] {
  const list = Array.from({ length: 300 }, (_, at) => [60 + at / 10, at % 10 < slow ? durationMs : 1] as const);
  return of(Stage.save, 'none', list);
}
const alarms = (executions: readonly Execution[]) =>
  expectAlarms(makeThresholds(), executions).map(({ alert, must }) => `${alert}${must ? '' : ' perhaps'}`);

test.each([
  ['none slow', halfHour(0, 0), []],
  ['two of ten over the warning limit', halfHour(2, 1500), ['CallspanLimitWarning']],
  ['exactly the warning limit', halfHour(10, 1000), []],
  ['a tenth, which the minute of a sample decides', halfHour(1, 1500), ['CallspanLimitWarning perhaps']],
  [
    'all over the critical limit',
    halfHour(10, 3001),
    ['CallspanLimitWarning', 'CallspanLimitCritical', 'CallspanLimitNotice'],
  ],
  ['one alone over the critical limit', of(Stage.save, 'none', [[60, 4000]]), ['CallspanLimitNotice']],
  ['a stage without limits', of(Stage.setup, 'none', [[60, 400_000]]), []],
])('expected by plain counting: %s', (_, executions, expected) => {
  expect(alarms(executions)).toEqual(expected);
});

test('a provider with a row of its own is held to that row alone', () => {
  const executions = halfHour(10, 900).map((one) => ({ ...one, stage: Stage.transcription, provider: 'deepgram' }));
  const found = expectAlarms(makeThresholds(), executions);
  expect(found.map(({ labels }) => labels.limit)).toEqual(['transcription_deepgram']);
  expect(
    expectAlarms(
      makeThresholds(),
      executions.map((one) => ({ ...one, provider: 'openai' })),
    ),
  ).toEqual([]);
});

const alarm = (minutes: readonly number[], labels: Record<string, string> = {}) => ({
  labels: { alertname: 'CallspanMemoryHigh', service_name: 'bot', ...labels },
  minutes,
});
const wanted = {
  alert: 'CallspanMemoryHigh',
  labels: { service_name: 'bot' },
  must: true,
  fromMs: 10 * MINUTE_MS,
  toMs: 20 * MINUTE_MS,
};

test('what fires in its time is expected, before it and after it false, and what never fires is missed', () => {
  const kept = judgeDay([alarm([11, 12, 13])], [wanted]);
  expect(kept).toMatchObject({ kept: 1, missed: [], episodes: [{ fromMinute: 11, toMinute: 13, isExpected: true }] });
  expect(judgeDay([alarm([11, 12]), alarm([5], { service_name: 'records' })], [wanted]).episodes).toMatchObject([
    { fromMinute: 5, isExpected: false },
    { fromMinute: 11, isExpected: true },
  ]);
  expect(judgeDay([alarm([11, 30])], [wanted]).episodes.map(({ isExpected }) => isExpected)).toEqual([true, false]);
  expect(judgeDay([alarm([9])], [wanted])).toMatchObject({
    kept: 0,
    missed: [wanted],
    episodes: [{ isExpected: false }],
  });
  expect(judgeDay([], [{ ...wanted, must: false }])).toEqual({ kept: 0, missed: [], episodes: [] });
});

test('the sign of life is no alarm', () => {
  expect(judgeDay([{ labels: { alertname: 'Watchdog' }, minutes: [0, 1] }], []).episodes).toEqual([]);
});

test('what promtool tells of each minute is read, with braces and quotes in labels', () => {
  const output = [
    '  FAILED:',
    '    expr: "ALERTS{alertstate=\\"firing\\"}", time: 1m,',
    '        exp: nil',
    '        got: {__name__="ALERTS", a="b\\"c, d} 1", alertname="X"} 1E+00, {__name__="ALERTS", alertname="Y"} 1E+00',
    '    expr: "ALERTS{alertstate=\\"firing\\"}", time: 1h2m,',
    '        exp: nil',
    '        got: {__name__="ALERTS", alertname="Y"} 1E+00',
  ].join('\n');
  expect(parseFirings(output)).toEqual([
    { labels: { __name__: 'ALERTS', a: 'b"c, d} 1', alertname: 'X' }, minutes: [1] },
    { labels: { __name__: 'ALERTS', alertname: 'Y' }, minutes: [1, 62] },
  ]);
  expect(() => parseFirings('  FAILED:\nunknown field')).toThrow('unknown field');
});

test.each(['healthy-day', 'quiet-night'])('by plain counting nothing is wrong on a %s with the own limits', (name) => {
  const thresholds = loadThresholds({ env: {} });
  const { executions, expected, calls } = simulated(name, thresholds);
  expect(calls).toBeGreaterThan(4);
  expect([expected, expectAlarms(thresholds, executions).filter(({ must }) => must)]).toEqual([[], []]);
});

test('the quiet night has a call that is slower than its warning limit, and not than its critical one', () => {
  const last = (bound: string) =>
    simulated('quiet-night', loadThresholds({ env: {} }))
      .series.filter(({ series }) => series.includes(`voice_stage="transcription"`) && series.includes(bound))
      .map(({ values }) => expand(values).at(-1) ?? 0)
      .reduce((sum, value) => sum + value, 0);
  const all = last('_count{');
  expect(all).toBeGreaterThan(20);
  const over = all - last('le="2000"');
  expect(over).toBeGreaterThanOrEqual(1);
  expect(over).toBeLessThan(10);
  expect(all - last('le="5000"')).toBe(0);
});

test('a slow provider at noon must be told of from noon on: its first token and the wait', () => {
  const must = simulated('slow-provider', loadThresholds({ env: {} })).expected.filter((one) => one.must);
  expect(must.map(({ alert, labels }) => `${alert} ${labels.limit ?? ''}`)).toEqual(
    expect.arrayContaining([
      'CallspanLimitCritical llm_first_token',
      'CallspanLimitCritical response_gap',
      'CallspanMeanResponseGap ',
    ]),
  );
  expect(must.every(({ fromMs }) => fromMs >= 11.9 * HOUR_MS)).toBe(true);
});

test('the slow call of the night is within the critical limit of the strictest provider', () => {
  const thresholds = makeThresholds();
  const { executions } = simulated('quiet-night', thresholds, 5);
  const slowest = Math.max(
    ...executions.filter((one) => one.stage === Stage.transcription).map((one) => one.durationMs),
  );
  expect(slowest).toBe(2000);
});

test('where calls are expected around the clock a healthy day has them around the clock', () => {
  const hours = { days: [4], fromMinute: 0, toMinute: 1440, timeZone: 'UTC' };
  const { executions } = simulated('healthy-day', makeThresholds({ traffic: { hours, noneForMs: 20 * MINUTE_MS } }));
  const ends = [0, ...executions.map(({ atMs }) => atMs).sort((one, other) => one - other)];
  const pauses = ends.map((endMs, at) => (ends[at + 1] ?? endMs) - endMs);
  expect(Math.max(...pauses)).toBeLessThan(20 * MINUTE_MS);
});

test('hours are those of the place where calls are expected', () => {
  const hours = { days: [4], fromMinute: 480, toMinute: 1140, timeZone: 'Europe/Paris' };
  const { atHour, hourAt } = clockOf(makeThresholds({ traffic: { hours, noneForMs: HOUR_MS } }));
  expect([atHour(12), hourAt(atHour(12)), atHour(0)]).toEqual([11 * HOUR_MS, 12, 23 * HOUR_MS]);
  expect(clockOf(makeThresholds()).atHour(12)).toBe(12 * HOUR_MS);
});

test('the outage takes the metrics of the bot away, and those of nobody else', () => {
  const { series } = simulated('outage');
  const samples = (part: string) => expand(series.find((one) => one.series.includes(part))?.values ?? '');
  const uptime = 'process_uptime_seconds{service_name=';
  const noon = 11.05 * (HOUR_MS / STEP_MS);
  expect(samples(`${uptime}"bot"`)[noon]).toBeUndefined();
  expect(samples(`${uptime}"records"`)[noon]).toBe(11.05 * 3600);
});

test('promtool is looked for where engines are kept, then on the search path', () => {
  expect(findPromtool({ CALLSPAN_ENGINES_DIR: '/nowhere' })).toBe('promtool');
});
