/** Pieces of about the size of a model's tokens; joined they are the text again. An estimate: no real tokenizer is copied. */
export function splitTokens(text: string): readonly string[] {
  return text.match(/ ?\p{L}{1,6}|\p{L}{1,6}| ?\p{N}{1,3}|\s+|[^\p{L}\p{N}]/gu) ?? [];
}

const CACHE_MINIMUM = 1_024;
const CACHE_STEP = 128;
const REMEMBERED = 32;

/** Counts the tokens of a prompt's start that were seen before. */
export type PromptCache = { lookUp(model: string, tokens: readonly string[]): number };

function commonPrefix(a: readonly string[], b: readonly string[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}

/** Prefix cache by the vendor's rule: from 1024 tokens on, in steps of 128 (https://platform.openai.com/docs/guides/prompt-caching). Keeps the last 32 prompts. */
export function createPromptCache(): PromptCache {
  let seen: readonly { readonly model: string; readonly tokens: readonly string[] }[] = [];
  return {
    lookUp(model, tokens) {
      const longest = seen.reduce(
        (best, prompt) => (prompt.model === model ? Math.max(best, commonPrefix(prompt.tokens, tokens)) : best),
        0,
      );
      if (tokens.length >= CACHE_MINIMUM) seen = [...seen.slice(1 - REMEMBERED), { model, tokens }];
      return longest < CACHE_MINIMUM ? 0 : longest - (longest % CACHE_STEP);
    },
  };
}
