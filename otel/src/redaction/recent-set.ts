/** Remembers values: between `most` and twice as many of those that were asked for last. */
export function createRecentSet(most: number): { has(value: string): boolean; add(value: string): void } {
  let young = new Set<string>();
  let old = new Set<string>();
  const add = (value: string) => {
    if (young.size >= most) {
      old = young;
      young = new Set();
    }
    young.add(value);
  };
  return {
    has(value) {
      if (young.has(value)) return true;
      if (!old.has(value)) return false;
      add(value);
      return true;
    },
    add,
  };
}
