import type { ModelPrice } from './price-list.ts';

/**
 * What a model call used, as the provider counted it; absent is untold. Cached, cache-write and audio tokens are parts of
 * the input; audio and reasoning tokens are parts of the output.
 */
export type ModelUsage = {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cachedTokens?: number;
  readonly cacheWriteTokens?: number;
  readonly reasoningTokens?: number;
  readonly audioInputTokens?: number;
  /** Part of both the cached and the audio tokens. */
  readonly cachedAudioTokens?: number;
  readonly audioOutputTokens?: number;
  /** Audio heard or spoken. */
  readonly audioSeconds?: number;
  /** Text spoken. */
  readonly characters?: number;
};

/** A thousand-millionth of a dollar: sums of whole ones are exact in any order. */
export const NANO_USD = 1e9;

/** Whole nano-dollars of `usage`, or undefined when what its price is by was not told. */
export function costNanoUsd(price: ModelPrice, usage: ModelUsage): number | undefined {
  const usd = costUsd(price, usage);
  return usd === undefined || !Number.isFinite(usd) ? undefined : Math.round(usd * NANO_USD);
}

function costUsd(price: ModelPrice, usage: ModelUsage): number | undefined {
  if (price.perMinute !== undefined) {
    return usage.audioSeconds === undefined ? undefined : (usage.audioSeconds / 60) * price.perMinute;
  }
  if (price.perMillionCharacters !== undefined) {
    return usage.characters === undefined ? undefined : (usage.characters * price.perMillionCharacters) / 1e6;
  }
  return tokenCostUsd(price, usage);
}

function tokenCostUsd(price: ModelPrice, usage: ModelUsage): number | undefined {
  const { inputTokens, outputTokens, audioInputTokens = 0, audioOutputTokens = 0 } = usage;
  const { inputPerMillion, outputPerMillion } = price;
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  if (inputPerMillion === undefined || outputPerMillion === undefined) return undefined;
  if (audioInputTokens > 0 && price.audioInputPerMillion === undefined) return undefined;
  if (audioOutputTokens > 0 && price.audioOutputPerMillion === undefined) return undefined;
  const cachedAudio = Math.min(usage.cachedAudioTokens ?? 0, audioInputTokens);
  const cachedText = Math.max(0, (usage.cachedTokens ?? 0) - cachedAudio);
  const written = usage.cacheWriteTokens ?? 0;
  const text = Math.max(0, inputTokens - audioInputTokens - cachedText - written);
  const audioInputPrice = price.audioInputPerMillion ?? 0;
  const perMillion =
    text * inputPerMillion +
    cachedText * (price.cachedInputPerMillion ?? inputPerMillion) +
    written * (price.cacheWritePerMillion ?? inputPerMillion) +
    (audioInputTokens - cachedAudio) * audioInputPrice +
    cachedAudio * (price.cachedAudioInputPerMillion ?? audioInputPrice) +
    Math.max(0, outputTokens - audioOutputTokens) * outputPerMillion +
    audioOutputTokens * (price.audioOutputPerMillion ?? 0);
  return perMillion / 1e6;
}
