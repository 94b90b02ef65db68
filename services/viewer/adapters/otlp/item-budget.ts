import { ViewerError } from '../../domain/errors.ts';

/** Spans, log records or points of metrics of one request. */
export const MAX_ITEMS = 100_000;
/** Attributes, events, links, buckets and values of one request, wherever they stand; groups of spans and records count too. */
export const MAX_VALUES = 1_000_000;

/** What one request may still bring: a few compressed bytes can say millions of things. Both throw ViewerError `too_large`. */
export type ItemBudget = { takeItems(count: number): void; takeValues(count: number): void };

/** A budget for one request. */
export function createItemBudget(): ItemBudget {
  let [items, values] = [0, 0];
  return {
    takeItems(count) {
      items += count;
      if (items > MAX_ITEMS) throw tooMany(`${MAX_ITEMS} spans, log records or points`);
    },
    takeValues(count) {
      values += count;
      if (values > MAX_VALUES) throw tooMany(`${MAX_VALUES} attributes, events, links, buckets and values`);
    },
  };
}

function tooMany(what: string): ViewerError {
  return new ViewerError('too_large', `the request has more than ${what}: send smaller batches`);
}
