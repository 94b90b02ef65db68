/** What keeps a model from thinking before it answers. Those of the gpt-4 family do not think, and refuse a request that speaks of it. */
export function withoutThinking(model: string): { readonly reasoning_effort?: 'none' } {
  return /^gpt-4/u.test(model) ? {} : { reasoning_effort: 'none' };
}
