import { errorFacts } from '../error-type.ts';

const MAX_DEPTH = 6;
/** Values of one field, all levels together. */
const MAX_VALUES = 256;
const MAX_STRING = 8192;

/** How strings and keyed values are made safe. */
export type PlainDataTools = {
  readonly text: (value: string) => string;
  readonly valueUnder: (key: string, value: unknown) => unknown;
};

type Walk = PlainDataTools & { readonly path: object[]; left: number };

/**
 * Any value as data that JSON can hold, redacted: at most 6 levels and 256 values; what is circular, binary, a function
 * or throws when it is read is named in angle brackets. Of errors only their facts (see `errorFacts`).
 */
export function toPlainData(value: unknown, tools: PlainDataTools): unknown {
  return plain(value, { text: tools.text, valueUnder: tools.valueUnder, path: [], left: MAX_VALUES });
}

function plain(value: unknown, walk: Walk, parent = ''): unknown {
  walk.left -= 1;
  if (typeof value === 'string') return shortText(value, walk);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'boolean' || value === null || value === undefined) return value;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object') return `<${typeof value}>`;
  if (walk.path.includes(value)) return '<circular>';
  if (walk.path.length >= MAX_DEPTH) return '<deep>';
  walk.path.push(value);
  try {
    return plainObject(value, walk, parent);
  } catch {
    return '<unreadable>';
  } finally {
    walk.path.pop();
  }
}

function shortText(value: string, { text }: Walk): string {
  // Cut first, a number could be torn in two, and has no form any more.
  const safe = text(value);
  return safe.length > MAX_STRING ? `${safe.slice(0, MAX_STRING)}<cut>` : safe;
}

function plainObject(value: object, walk: Walk, parent: string): unknown {
  if (Array.isArray(value)) return plainList(value, walk, parent);
  if (value instanceof Error) return plainEntries(Object.entries(errorFacts(value)), walk, 'error.');
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '<invalid>' : value.toISOString();
  if (value instanceof URL) return walk.valueUnder('url', value.href);
  if (value instanceof RegExp) return walk.text(String(value));
  if (ArrayBuffer.isView(value)) return `<binary ${value.byteLength} bytes>`;
  if (value instanceof ArrayBuffer) return `<binary ${value.byteLength} bytes>`;
  if (value instanceof Map)
    return plainEntries(
      [...firstOf(value, walk.left)].map(([k, v]) => [String(k), v]),
      walk,
    );
  if (value instanceof Headers || value instanceof URLSearchParams) return plainEntries([...value], walk);
  if (value instanceof Set) return plainList([...firstOf(value, walk.left)], walk);
  if (value instanceof Promise) return '<promise>';
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') return plain(toJSON.call(value), walk, parent);
  return plainFields(value, walk, parent);
}

function* firstOf<T>(values: Iterable<T>, most: number): Generator<T> {
  let count = 0;
  for (const value of values) {
    if (count++ > most) return;
    yield value;
  }
}

/** One after the other: an object of a million keys is not listed first. */
function plainFields(value: object, walk: Walk, parent: string): Record<string, unknown> {
  const safe: Record<string, unknown> = {};
  const most = walk.left;
  let read = 0;
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    if (read > most) break;
    read += 1;
    if (!keep(safe, parent ? `${parent}.${key}` : key, { key, value: readSafely(value, key) }, walk)) break;
  }
  return safe;
}

function readSafely(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    return '<unreadable>';
  }
}

function plainList(list: readonly unknown[], walk: Walk, parent = ''): unknown[] {
  const safe: unknown[] = [];
  for (const item of list) {
    if (walk.left <= 0) return [...safe, '<cut>'];
    safe.push(plain(item, walk, parent));
  }
  return safe;
}

function plainEntries(
  entries: readonly (readonly [string, unknown])[],
  walk: Walk,
  prefix = '',
): Record<string, unknown> {
  const safe: Record<string, unknown> = {};
  for (const [key, value] of entries) if (!keep(safe, prefix + key, { key, value }, walk)) break;
  return safe;
}

/** @param path the key as the rules are asked about it @returns false when there is no room for more */
function keep(
  safe: Record<string, unknown>,
  path: string,
  { key, value }: { readonly key: string; readonly value: unknown },
  walk: Walk,
): boolean {
  if (walk.left <= 0) {
    safe['<cut>'] = true;
    return false;
  }
  const kept = keyed(path, value, walk);
  if (kept === undefined) return true;
  // A key can be personal data itself, and `__proto__` must stay a plain key.
  const name = walk.text(key.slice(0, 256));
  if (name === '__proto__') Object.defineProperty(safe, name, entryOf(kept));
  else safe[name] = kept;
  return true;
}

function entryOf(value: unknown): PropertyDescriptor {
  return { value, enumerable: true, configurable: true, writable: true };
}

/** Objects are looked into, unless their key says that all of it is personal. */
function keyed(key: string, value: unknown, walk: Walk): unknown {
  if (typeof value !== 'object' || value === null) {
    const isData = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    const kept = isData ? walk.valueUnder(key, value) : value;
    return Object.is(kept, value) ? plain(value, walk) : kept;
  }
  // The rule of a key is asked with a word: it answers with its label where the key decides.
  const label = walk.valueUnder(key, 'x');
  if (label === undefined || (typeof label === 'string' && label !== 'x')) return label;
  // `tool.name` is another matter than `customer.name`.
  return plain(value, walk, key.slice(key.lastIndexOf('.') + 1));
}
