/** The middle of some figures (mean of the two middle ones when their number is even), null for none. */
export function findMedian(figures: readonly number[]): number | null {
  const sorted = [...figures].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const upper = sorted[Math.floor(half)];
  const lower = sorted[Math.ceil(half) - 1];
  return upper === undefined || lower === undefined ? null : (upper + lower) / 2;
}
