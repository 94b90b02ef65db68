import { Attr, SpanName, Stage } from 'callspan/conventions';
import { formatUsd } from '../../../services/viewer/page/src/format/money.ts';
import { findCost, splitCost } from '../../../services/viewer/page/src/model/cost.ts';
import { en } from '../../../services/viewer/page/src/words/en.ts';
import { fr } from '../../../services/viewer/page/src/words/fr.ts';
import { sayCost } from '../../../services/viewer/page/src/words/say-cost.ts';
import { createSampleCall, cutCall } from '../../helpers/sample-call.ts';

const call = createSampleCall({ startedAtMs: 1_000_000, withGap: true });
const part = (spans: typeof call.spans, component: string) =>
  splitCost(spans).components.find((line) => line.component === component);

test('an amount keeps two digits that tell something', () => {
  const said = [0, 0.00042, 0.0042, 0.031, 0.5, 1.2, 31.456].map((usd) => formatUsd(usd, en));
  expect(said).toEqual(['$0.00', '$0.00042', '$0.0042', '$0.031', '$0.500', '$1.20', '$31.46']);
  expect(formatUsd(0.031, fr)).toBe('0,031 $');
});

test('parts add up to the whole, and models with their use add up to the parts they belong to', () => {
  const { components, models } = splitCost(call.spans);
  const sum = (lines: readonly { usd: number | null }[]) => lines.reduce((total, { usd }) => total + (usd ?? 0), 0);
  expect(sum(components)).toBeCloseTo(call.summary.cost?.usd ?? 0);
  expect(sum(models)).toBeCloseTo(sum(components.filter(({ component }) => component !== 'carrier')));
  expect(models.map(({ stage }) => stage)).toEqual(expect.arrayContaining([Stage.reply, Stage.extraction]));
  expect([...components, ...models].every(({ isKnown }) => isKnown)).toBe(true);
});

test('a model without a price makes its part a lower bound; a request that failed is not missing a price', () => {
  const { spans } = createSampleCall({ startedAtMs: 1_000_000, withGap: true, hasUnknownCost: true });
  expect(part(spans, 'llm')).toMatchObject({ isKnown: false });
  expect(splitCost(spans).models.find(({ stage }) => stage === Stage.extraction)).toMatchObject({ usd: null });
  const failed = spans.map((span) =>
    span.attributes[Attr.stage] === Stage.extraction ? { ...span, status: 'error' as const } : span,
  );
  expect(part(failed, 'llm')).toMatchObject({ isKnown: true });
});

test('while a call goes on its cost is the sum of what has ended; the line is not known yet', () => {
  const { spans, summary } = cutCall(call, call.summary.startedAtMs + 30_000);
  const paid = spans.reduce((usd, span) => usd + Number(span.attributes[Attr.costUsd] ?? 0), 0);
  expect(findCost(spans, null)).toEqual({ usd: paid, isKnown: false });
  expect(findCost(spans, { usd: 0.000001, isKnown: false })?.usd).toBe(paid);
  expect(part(spans, 'carrier')).toMatchObject({ usd: null, isKnown: false });
  expect(sayCost(en, { usd: 0.0123, isKnown: false }, summary.state === 'live')).toBe('$0.012 so far');
});

test('a cost says how sure it is, and a call that tells none has none', () => {
  expect(sayCost(en, { usd: 0.031, isKnown: true }, false)).toBe('$0.031');
  expect(sayCost(en, { usd: 0.031, isKnown: false }, false)).toBe('at least $0.031');
  expect(sayCost(fr, { usd: 0, isKnown: false }, false)).toBe('coût inconnu');
  expect(findCost(createSampleCall({ startedAtMs: 0 }).spans, null)).toBeNull();
  const ended = call.spans.filter(({ name }) => name === SpanName.call);
  expect(findCost(call.spans, { usd: 0.001, isKnown: true })?.usd).toBe(0.001);
  expect(findCost(ended, { usd: 3, isKnown: true })).toEqual({ usd: 3, isKnown: true });
});
