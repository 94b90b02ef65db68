import type { Attributes } from '@opentelemetry/api';
import { Attr } from '../conventions/index.ts';
import type { ModelUsage } from '../cost/model-usage.ts';

/** What a response told about itself; absent fields were not told. */
export type ModelFacts = ModelUsage & {
  readonly responseModel?: string;
  readonly finishReasons?: readonly string[];
  /** Interim transcripts so far. */
  readonly interimCount?: number;
};

const SUMMED = [
  'inputTokens',
  'outputTokens',
  'cachedTokens',
  'cacheWriteTokens',
  'reasoningTokens',
  'audioInputTokens',
  'cachedAudioTokens',
  'audioOutputTokens',
  'audioSeconds',
  'interimCount',
] as const satisfies readonly (keyof ModelFacts)[];

/** The facts of several requests of one model call: what is counted is summed, of the rest the last word holds. */
export function sumFacts(all: readonly ModelFacts[]): ModelFacts {
  const last: ModelFacts = Object.assign({}, ...all);
  const sums: { -readonly [K in (typeof SUMMED)[number]]?: number } = {};
  for (const facts of all) {
    for (const key of SUMMED) {
      const value = facts[key];
      if (value !== undefined) sums[key] = (sums[key] ?? 0) + value;
    }
  }
  return { ...last, ...sums };
}

/** As the attributes of a span. */
export function factAttributes(facts: ModelFacts): Attributes {
  const attributes: Attributes = {
    [Attr.inputTokens]: facts.inputTokens,
    [Attr.outputTokens]: facts.outputTokens,
    [Attr.cachedTokens]: facts.cachedTokens,
    [Attr.reasoningTokens]: facts.reasoningTokens,
    [Attr.sttInterimCount]: facts.interimCount,
  };
  if (facts.responseModel) attributes[Attr.responseModel] = facts.responseModel;
  if (facts.finishReasons?.length) attributes[Attr.finishReasons] = [...facts.finishReasons];
  for (const [key, value] of Object.entries(attributes)) if (value === undefined) delete attributes[key];
  return attributes;
}

/** Tokens by the value of `gen_ai.token.type`; cached ones are also input, reasoning ones also output. */
export function tokensByType(facts: ModelFacts): readonly (readonly [string, number])[] {
  const types = [
    ['input', facts.inputTokens],
    ['output', facts.outputTokens],
    ['cached', facts.cachedTokens],
    ['reasoning', facts.reasoningTokens],
  ] as const;
  return types.filter((entry): entry is readonly [(typeof entry)[0], number] => (entry[1] ?? 0) > 0);
}
