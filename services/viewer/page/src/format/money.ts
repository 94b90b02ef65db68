import type { NumberStyle } from './duration.ts';

/**
 * US dollars with two digits that tell something: `$0.031`, `$1.20`, `$0.0042`; `0,031 $` where the decimal is a comma.
 * @param usd negative amounts are written as 0
 */
export function formatUsd(usd: number, style: NumberStyle): string {
  const amount = Math.max(0, usd);
  const digits = amount === 0 || amount >= 0.995 ? 2 : amount >= 0.00995 ? 3 : amount >= 0.000995 ? 4 : 5;
  const figure = amount.toFixed(digits).replace('.', style.decimal);
  return style.decimal === ',' ? `${figure} $` : `$${figure}`;
}
