import { ViewerError } from '../../domain/errors.ts';
import { createItemBudget } from './item-budget.ts';

/** Objects and arrays of a body: what a full budget can need; more is refused before it becomes objects. */
const MAX_BRACKETS = 4_000_000;
const [BRACE, BRACKET] = [0x7b, 0x5b];

const ITEM_KEYS: ReadonlySet<string> = new Set(['spans', 'logRecords']);
const VALUE_KEYS: ReadonlySet<string> = new Set([
  'resourceSpans',
  'resourceLogs',
  'scopeSpans',
  'scopeLogs',
  'attributes',
  'events',
  'links',
  'values',
]);

/** Refuses a body that opens too many objects, unread. @throws ViewerError `too_large` */
export function checkBrackets(bytes: Buffer): void {
  let count = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte === BRACE || byte === BRACKET) count += 1;
  }
  if (count > MAX_BRACKETS) {
    throw new ViewerError('too_large', `the body has more than ${MAX_BRACKETS} brackets: send smaller batches`);
  }
}

/** Counts what a parsed body brings. @throws ViewerError `too_large` when that is more than one request may bring */
export function checkItems(body: object): void {
  const budget = createItemBudget();
  // A list of what is still to be looked into, not recursion: the body decides how deep it is nested.
  const open: object[] = [body];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const [key, value] of Object.entries(node) as [string, unknown][]) {
      if (typeof value !== 'object' || value === null) continue;
      open.push(value);
      if (!Array.isArray(value)) continue;
      if (ITEM_KEYS.has(key)) budget.takeItems(value.length);
      else if (VALUE_KEYS.has(key)) budget.takeValues(value.length);
    }
  }
}
