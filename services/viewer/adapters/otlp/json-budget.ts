import { ViewerError } from '../../domain/errors.ts';
import { createItemBudget } from './item-budget.ts';

/** Brackets and commas of a body: spans, records and attributes of real length have fewer in the largest request that is taken. */
const MAX_MARKS = 2_500_000;
const [BRACE, BRACKET, COMMA] = [0x7b, 0x5b, 0x2c];

type JsonObject = Readonly<Record<string, unknown>>;

const ITEM_KEYS = ['spans', 'logRecords', 'dataPoints'];
const VALUE_KEYS = [
  'resourceSpans',
  'resourceLogs',
  'resourceMetrics',
  'scopeSpans',
  'scopeLogs',
  'scopeMetrics',
  'metrics',
  'bucketCounts',
  'explicitBounds',
  'exemplars',
  'attributes',
  'events',
  'links',
  'values',
];
const METRIC_KEYS = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'];
const OBJECT_KEYS = ['resource', 'scope', 'body', 'value', 'arrayValue', 'kvlistValue', ...METRIC_KEYS];

/** Refuses a body of too many parts before they become objects, known to OTLP or not. @throws ViewerError `too_large` */
export function checkMarks(bytes: Buffer): void {
  let count = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte === BRACE || byte === BRACKET || byte === COMMA) count += 1;
  }
  if (count > MAX_MARKS) {
    throw new ViewerError('too_large', `the body has more than ${MAX_MARKS} brackets and commas: send smaller batches`);
  }
}

/** Counts what a parsed body brings. @throws ViewerError `too_large` when that is more than one request may bring */
export function checkItems(body: object): void {
  const budget = createItemBudget();
  // A list of what is still to be looked into, not recursion: the body decides how deep it is nested.
  const open: JsonObject[] = [];
  const look = (value: unknown) => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) open.push(value as JsonObject);
  };
  look(body);
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const key of OBJECT_KEYS) look(node[key]);
    for (const key of ITEM_KEYS) budget.takeItems(lookIntoList(node[key], look));
    for (const key of VALUE_KEYS) budget.takeValues(lookIntoList(node[key], look));
  }
}

function lookIntoList(value: unknown, look: (item: unknown) => void): number {
  if (!Array.isArray(value)) return 0;
  for (const item of value) look(item);
  return value.length;
}
