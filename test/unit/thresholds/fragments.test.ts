import { BUCKETS } from 'callspan/conventions';
import { parse } from 'yaml';
import { generateSpanMetricsBuckets, listDurationBoundsMs } from '../../../thresholds/generate/buckets.ts';
import { generateGrafana } from '../../../thresholds/generate/grafana.ts';
import { generateKitOptions } from '../../../thresholds/generate/kit-options.ts';
import { generatePage } from '../../../thresholds/generate/page.ts';
import { generateSampling } from '../../../thresholds/generate/sampling.ts';
import { makeLimit, makeThresholds } from '../../helpers/made-thresholds.ts';

const thresholds = makeThresholds();

describe('the bounds of the histogram', () => {
  test('are the spread of the contract and every limit, each once, ascending', () => {
    const bounds = listDurationBoundsMs(thresholds);
    expect(bounds).toEqual([...new Set(bounds)].sort((a, b) => a - b));
    expect(bounds).toEqual(expect.arrayContaining([640, 1115, 1400, 50, 375, 30_000]));
    expect(bounds).toHaveLength(BUCKETS.duration.length + 1);
  });

  test('hold what is counted beside the stages, too', () => {
    const bounds = listDurationBoundsMs(
      makeThresholds({
        deadAir: { warningMs: 3300, criticalMs: 8800 },
        eventLoopBlocked: { warningMs: 110, criticalMs: 550 },
      }),
    );
    expect(bounds).toEqual(expect.arrayContaining([3300, 8800, 110, 550]));
  });

  test('are told to the Collector as durations without a fraction of rounding', () => {
    const buckets: string[] = parse(generateSpanMetricsBuckets(thresholds));
    expect(buckets.slice(0, 3)).toEqual(['50ms', '100ms', '150ms']);
    expect(buckets).toEqual(expect.arrayContaining(['375ms', '640ms', '1115ms', '30000ms']));
    for (const bucket of buckets) expect(bucket).toMatch(/^\d+ms$/);
  });
});

describe('the sampling overlay', () => {
  const overlay = parse(generateSampling(thresholds));
  const sampler = overlay.processors.tail_sampling;
  const policy = (name: string) => sampler.policies.find((one: { name: string }) => one.name === name);

  test('waits for the end of the longest call and what comes after it, and remembers both decisions', () => {
    expect(sampler.decision_wait).toBe('2100s');
    expect(
      parse(generateSampling(makeThresholds({ maxCallDurationMs: 600_500 }))).processors.tail_sampling,
    ).toMatchObject({ decision_wait: '901s' });
    expect(sampler.decision_cache.sampled_cache_size).toBeGreaterThanOrEqual(sampler.num_traces);
    expect(sampler.decision_cache.non_sampled_cache_size).toBeGreaterThanOrEqual(sampler.num_traces);
    expect(sampler.sampling_strategy).toBe('span-ingest');
  });

  test('keeps what is over a limit, one condition a row: a provider has its own, the row for all others leaves it out', () => {
    expect(policy('over-limit').ottl_condition.span).toEqual([
      'span.attributes["voice.stage"] == "response_gap" and span.end_time - span.start_time > Duration("1400ms")',
      'span.attributes["voice.stage"] == "transcription" and span.attributes["gen_ai.provider.name"] != "deepgram" and span.end_time - span.start_time > Duration("2000ms")',
      'span.attributes["voice.stage"] == "transcription" and span.attributes["gen_ai.provider.name"] == "deepgram" and span.end_time - span.start_time > Duration("640ms")',
      'span.attributes["voice.stage"] == "save" and span.end_time - span.start_time > Duration("1000ms")',
    ]);
  });

  test('keeps errors, breaches, dead air and a blocked event loop, and some of all other calls', () => {
    expect(policy('errors').status_code).toEqual({ status_codes: ['ERROR'] });
    expect(policy('critical').string_attribute).toEqual({ key: 'voice.threshold.level', values: ['critical'] });
    expect(policy('counted').ottl_condition.span).toEqual([
      'span.name == "voice.dead_air" and span.end_time - span.start_time > Duration("3000ms")',
      'span.name == "event_loop.blocked" and span.end_time - span.start_time > Duration("500ms")',
    ]);
    expect(policy('baseline').probabilistic.sampling_percentage).toBe(10);
  });

  test('changes nothing of the pipeline but the processors before the store', () => {
    expect(Object.keys(overlay)).toEqual(['processors', 'service']);
    expect(overlay.service).toEqual({ pipelines: { 'traces/store': { processors: ['tail_sampling'] } } });
  });
});

test('the kit is told each limit with its id, from when silence is told, and the bounds', () => {
  const { limits, deadAir, boundsMs } = generateKitOptions(thresholds);
  expect(limits[1]).toEqual({ id: 'transcription', stage: 'transcription', warningMs: 2000, criticalMs: 5000 });
  expect(limits[2]).toEqual({
    id: 'transcription_deepgram',
    stage: 'transcription',
    provider: 'deepgram',
    warningMs: 640,
    criticalMs: 2000,
  });
  expect(deadAir).toEqual({ id: 'dead_air', warningMs: 3000, criticalMs: 8000 });
  expect(boundsMs).toEqual(listDurationBoundsMs(thresholds));
});

test('the page is told the limits and nothing that it does not draw', () => {
  expect(generatePage(thresholds).limits).toEqual(
    thresholds.limits.map(({ stage, provider, warningMs, criticalMs }) => ({
      stage,
      ...(provider ? { provider } : {}),
      warningMs,
      criticalMs,
    })),
  );
});

test('a panel gets steps from the ground up, in its own unit, as dashed lines', () => {
  const panels = generateGrafana(thresholds);
  const stepsOf = (id: string) => panels[id]?.thresholds.steps.map(({ value }) => value);
  expect(stepsOf('response_gap')).toEqual([null, 1115, 1400]);
  expect(stepsOf('transcription_deepgram')).toEqual([null, 640, 2000]);
  expect([panels.dead_air?.unit, stepsOf('dead_air')]).toEqual(['s', [null, 3, 8]]);
  expect([panels.http_p95?.unit, stepsOf('http_p95')]).toEqual(['s', [null, 2]]);
  expect([panels.memory?.unit, stepsOf('memory')]).toEqual(['bytes', [null, 500_000_000]]);
  expect(panels.save).toMatchObject({
    unit: 'ms',
    thresholds: { mode: 'absolute' },
    custom: { thresholdsStyle: { mode: 'dashed' } },
  });
});

test('one limit that changes changes its own places and no other', () => {
  const [gap, ...rest] = thresholds.limits;
  const changed = makeThresholds({ limits: [makeLimit({ ...gap!, criticalMs: 1500 }), ...rest] });
  const lines = (text: string) => text.split('\n');
  const differing = (one: string, other: string) => lines(other).filter((line) => !lines(one).includes(line));
  expect(differing(generateSampling(thresholds), generateSampling(changed))).toEqual([
    expect.stringContaining('"response_gap" and span.end_time - span.start_time > Duration("1500ms")'),
  ]);
  const shape = (of: object) => JSON.stringify(of, null, 1);
  expect(differing(shape(generateKitOptions(thresholds)), shape(generateKitOptions(changed)))).toHaveLength(1);
  expect(differing(shape(generatePage(thresholds)), shape(generatePage(changed)))).toHaveLength(1);
  expect(differing(shape(generateGrafana(thresholds)), shape(generateGrafana(changed)))).toHaveLength(1);
});
