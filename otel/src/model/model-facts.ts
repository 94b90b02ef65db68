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
  if (all.length === 1 && all[0]) return all[0];
  const last: ModelFacts = Object.assign({}, ...all);
  const sums: { -readonly [K in (typeof SUMMED)[number]]?: number } = {};
  for (const facts of all) {
    for (const key of SUMMED) {
      const value = facts[key];
      if (value !== undefined) sums[key] = (sums[key] ?? 0) + value;
    }
  }
  return Object.assign(last, sums);
}

/** As the attributes of a span. */
export function factAttributes(facts: ModelFacts): Attributes {
  const attributes: Attributes = {};
  if (facts.inputTokens !== undefined) attributes[Attr.inputTokens] = facts.inputTokens;
  if (facts.outputTokens !== undefined) attributes[Attr.outputTokens] = facts.outputTokens;
  if (facts.cachedTokens !== undefined) attributes[Attr.cachedTokens] = facts.cachedTokens;
  if (facts.reasoningTokens !== undefined) attributes[Attr.reasoningTokens] = facts.reasoningTokens;
  if (facts.interimCount !== undefined) attributes[Attr.sttInterimCount] = facts.interimCount;
  if (facts.responseModel) attributes[Attr.responseModel] = facts.responseModel;
  if (facts.finishReasons?.length) attributes[Attr.finishReasons] = [...facts.finishReasons];
  return attributes;
}

const TOKEN_TYPES = [
  ['input', 'inputTokens'],
  ['output', 'outputTokens'],
  ['cached', 'cachedTokens'],
  ['reasoning', 'reasoningTokens'],
] as const;

/** Tells tokens by the value of `gen_ai.token.type`; cached ones are also input, reasoning ones also output. */
export function tellTokens(facts: ModelFacts, tell: (tokens: number, type: string) => void): void {
  for (const [type, key] of TOKEN_TYPES) {
    const tokens = facts[key];
    if (tokens !== undefined && tokens > 0) tell(tokens, type);
  }
}
