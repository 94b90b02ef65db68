import { Attr, type CostComponent, SpanName, Stage } from 'callspan/conventions';
import type { CallCost, SpanView } from '../../../api/types.ts';
import { findNumber, findText } from './attribute.ts';
import { findSpanWord, type SpanWord } from './span-word.ts';

/** US dollars; null: nothing of it has a price. `isKnown` false: a lower bound, because a part of it has none. */
type Amount = { readonly usd: number | null; readonly isKnown: boolean };
/** What one part of the call cost. */
export type ComponentCost = Amount & { readonly component: CostComponent };
/** What one model cost for one use. */
export type ModelCost = Amount & {
  readonly model: string;
  readonly word: SpanWord | null;
  readonly stage: string;
  readonly requests: number;
};
export type CostSplit = { readonly components: readonly ComponentCost[]; readonly models: readonly ModelCost[] };

const COMPONENTS: readonly {
  readonly component: CostComponent;
  readonly key: string;
  readonly stages: readonly string[];
}[] = [
  { component: 'stt', key: Attr.callCostSttUsd, stages: [Stage.transcription] },
  { component: 'llm', key: Attr.callCostLlmUsd, stages: [Stage.reply, Stage.extraction, Stage.retrieval] },
  { component: 'tts', key: Attr.callCostTtsUsd, stages: [Stage.synthesis] },
  { component: 'carrier', key: Attr.callCostCarrierUsd, stages: [] },
];

/** The cost of a call: what its row says, else the sum of its spans so far; null where nothing tells a cost. */
export function findCost(spans: Iterable<SpanView>, said: CallCost | null): CallCost | null {
  const paid = [...spans].flatMap((span) => findNumber(span, Attr.costUsd) ?? []);
  const usd = paid.reduce((sum, one) => sum + one, 0);
  if (said && (said.isKnown || said.usd >= usd)) return said;
  return paid.length === 0 ? said : { usd, isKnown: false };
}

/** What a call cost by part, and by model and use. Parts come from the call's own sums when it has ended, from its spans before. */
export function splitCost(spans: Iterable<SpanView>): CostSplit {
  const all = [...spans];
  const requests = all.filter(isPriced);
  const call = all.find((span) => span.name === SpanName.call);
  const components = COMPONENTS.map(({ component, key, stages }) => {
    const own = requests.filter((span) => stages.includes(findText(span, Attr.stage) ?? ''));
    const sum = sumUp(own);
    const said = call ? findNumber(call, key) : null;
    return { component, usd: said ?? sum.usd, isKnown: sum.isKnown && (said !== null || sum.usd !== null) };
  });
  return { components, models: listModels(requests) };
}

/** A request to a model that has ended well: a failed one may cost nothing, so that no price is missing. */
function isPriced(span: SpanView): boolean {
  if (findNumber(span, Attr.costUsd) !== null) return true;
  const isModel = findText(span, Attr.requestModel) !== null && span.kind === 'client';
  return isModel && span.durationMs !== null && span.status !== 'error';
}

function sumUp(spans: readonly SpanView[]): Amount {
  const paid = spans.flatMap((span) => findNumber(span, Attr.costUsd) ?? []);
  const usd = paid.length === 0 ? null : paid.reduce((sum, one) => sum + one, 0);
  return { usd, isKnown: paid.length === spans.length };
}

function listModels(requests: readonly SpanView[]): ModelCost[] {
  const groups = Map.groupBy(requests, (span) => JSON.stringify([modelOf(span), findText(span, Attr.stage)]));
  return [...groups.values()]
    .flatMap((group) => {
      const [first] = group;
      if (!first) return [];
      const stage = findText(first, Attr.stage) ?? first.name;
      return { ...sumUp(group), model: modelOf(first), word: findSpanWord(first), stage, requests: group.length };
    })
    .sort((a, b) => (b.usd ?? 0) - (a.usd ?? 0));
}

function modelOf(span: SpanView): string {
  return findText(span, Attr.requestModel) ?? findText(span, Attr.responseModel) ?? span.name;
}
