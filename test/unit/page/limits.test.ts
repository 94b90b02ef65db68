import { readFileSync } from 'node:fs';
import { Attr, SpanEvent, SpanName, Stage } from 'callspan/conventions';
import {
  findLevel,
  findLimit,
  findLimitRow,
  findWaitLevel,
  WAIT_LIMIT,
} from '../../../services/viewer/page/src/model/limits.ts';
import { createSpanBuilder } from '../../helpers/span-builder.ts';

type Row = {
  readonly stage: string;
  readonly provider?: string;
  readonly warningMs: number;
  readonly criticalMs: number;
};
const { limits: rows }: { limits: Row[] } = JSON.parse(
  readFileSync('thresholds/generated/page.generated.json', 'utf8'),
);
const rowOf = (stage: string) => rows.find((row) => row.stage === stage && row.provider === undefined)!;
const wait = rowOf(Stage.responseGap);
const { add } = createSpanBuilder(1, {});
const lasting = (name: string, ms: number, attributes = {}) =>
  add({ name, parent: null, fromMs: 0, toMs: ms, attributes });
const going = (name: string, attributes = {}) => ({ ...lasting(name, 0, attributes), durationMs: null });

test('the level of a wait is what its span says, else the thresholds decide, and the limit itself is kept', () => {
  const { warningMs, criticalMs } = wait;
  expect([warningMs, warningMs + 1, criticalMs, criticalMs + 1].map((ms) => findWaitLevel(ms, null))).toEqual([
    null,
    'warning',
    'warning',
    'critical',
  ]);
  expect(findWaitLevel(10, 'critical')).toBe('critical');
  expect(findWaitLevel(criticalMs + 1, 'nonsense')).toBe('critical');
  expect(WAIT_LIMIT).toMatchObject({ warningMs, criticalMs });
});

test.each(rows.map(({ stage, provider, warningMs, criticalMs }) => [stage, provider, warningMs, criticalMs] as const))(
  'a bar of %s (provider %s) has its limits: %i and %i ms',
  (stage, provider, warningMs, criticalMs) => {
    const attributes = { [Attr.stage]: stage, ...(provider ? { [Attr.providerName]: provider } : {}) };
    const limitAt = (ms: number) => findLimit(lasting('any', ms, attributes));
    expect(limitAt(warningMs)).toEqual({ limitMs: criticalMs, level: null });
    expect(limitAt(criticalMs)).toEqual({ limitMs: warningMs, level: 'warning' });
    expect(limitAt(criticalMs + 1)).toEqual({ limitMs: criticalMs, level: 'critical' });
  },
);

test('what goes on has passed its limit as soon as it has taken longer', () => {
  const save = going('any', { [Attr.stage]: Stage.save });
  const { criticalMs } = rowOf(Stage.save);
  expect([findLevel(save), findLevel(save, criticalMs), findLevel(save, criticalMs + 1)]).toEqual([
    null,
    'warning',
    'critical',
  ]);
  expect(findLimit(save, criticalMs + 1)).toEqual({ limitMs: criticalMs, level: 'critical' });
});

test('a span that is no stage has no limit', () => {
  const turn = lasting(SpanName.turn, 60_000);
  expect([findLimit(turn), findLevel(turn)]).toEqual([null, null]);
});

test('the limit that was in force when a span passed it comes before the one of today', () => {
  const breach = (level: string, limitMs: number) => ({
    name: SpanEvent.thresholdBreached,
    timeMs: 0,
    attributes: { [Attr.thresholdLevel]: level, [Attr.thresholdLimitMs]: limitMs },
  });
  const span = add({
    name: SpanName.llmFirstToken,
    parent: null,
    fromMs: 0,
    toMs: 90,
    attributes: { [Attr.stage]: Stage.llmFirstToken, [Attr.thresholdLevelOnSpan]: 'critical' },
    events: [breach('warning', 37), breach('critical', 75)],
  });
  expect(findLimit(span)).toEqual({ limitMs: 75, level: 'critical' });
});

test('a provider has its own row, and all others that of the stage', () => {
  const all = { stage: 'save', warningMs: 1, criticalMs: 2 };
  const own = { stage: 'save', provider: 'hubspot', warningMs: 3, criticalMs: 4 };
  expect(findLimitRow([own, all], 'save', 'hubspot')).toBe(own);
  expect([findLimitRow([own, all], 'save', 'other'), findLimitRow([own, all], 'save', null)]).toEqual([all, all]);
  expect([findLimitRow([own], 'save', 'other'), findLimitRow([own, all], 'reply', null)]).toEqual([null, null]);
});
