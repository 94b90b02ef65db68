import { readFileSync } from 'node:fs';
import { type Assumptions, computeCapacity, type Figures } from '../../../bench/capacity/model.ts';
import { SECTION, simulateCapacity } from '../../../bench/capacity.ts';
import { replaceSection } from '../../../scripts/markdown-section.ts';

const figures: Figures = {
  volume: {
    meanCallMinutes: 1,
    traces: { itemsPerCallMinute: 120, protobufPerCall: { raw: 60_000 } },
    logs: { itemsPerCallMinute: 60, protobufPerCall: { raw: 30_000 } },
    metrics: { series: 1000 },
    spanMetricSets: 10,
    botCpuMsPerCallMinute: 600,
  },
  collector: { cpuMsPerCall: 60, tempoBytesPerCall: 10_000, lokiBytesPerCall: 5000, sampledSpanBytes: 3000 },
};
const assumed: Assumptions = {
  busyHoursADay: 12,
  coreShare: 0.5,
  decisionWaitS: 1000,
  bucketCount: 16,
  bytesPerSample: 2,
  sampleEveryS: 20,
  retentionDays: 10,
};

test('capacity is counted from what a call weighs and costs', () => {
  // 600 calls of a minute: ten begin each second.
  expect(computeCapacity(600, figures, assumed)).toEqual({
    concurrentCalls: 600,
    spansPerS: 1200,
    logsPerS: 600,
    bytesPerS: 900_000,
    // Each minute of a call takes a hundredth of a core, of which half is used: 600 / 100 / 0.5.
    bots: 12,
    // 600 ms a second, half a core each.
    collectors: 2,
    // Of each set: sixteen bounds, what is above them, sum, count and the counter of calls.
    series: 12 * 1000 + 2 * 10 * 20,
    samplerGb: (1200 * 1000 * 3000) / 1e9,
    tempoGb: (10 * 43_200 * 10 * 10_000) / 1e9,
    lokiGb: (10 * 43_200 * 10 * 5000) / 1e9,
    prometheusGb: ((12_400 / 20) * 86_400 * 10 * 2) / 1e9,
  });
});

test('the smallest fleet has a bot and a Collector', () => {
  expect(computeCapacity(1, figures, assumed)).toMatchObject({ bots: 1, collectors: 1 });
});

test('the table in docs/production.md is that of the recorded results', () => {
  const page = readFileSync('docs/production.md', 'utf8');
  const { rows, text } = simulateCapacity();
  expect(rows.at(-1)?.concurrentCalls).toBe(100_000);
  expect(page).toContain(text);
  expect(replaceSection(page, SECTION, text)).toBe(page);
});

test('a page without its marks is not written over', () => {
  expect(() => replaceSection('# Production', SECTION, 'text')).toThrow('has no');
});
