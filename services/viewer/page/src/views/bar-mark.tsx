import type { Bar } from '../model/bars.ts';

/** One bar on an axis. Lengths are shares of the axis; a bar is never thinner than can be seen. */
export function BarMark({ bar }: { readonly bar: Bar }) {
  return (
    <span
      className={`mark mark-${bar.lane} c-${bar.colour}${bar.isOpen ? ' mark-open' : ''}`}
      style={{ left: `${bar.x * 100}%`, width: `${bar.width * 100}%` }}
    />
  );
}
