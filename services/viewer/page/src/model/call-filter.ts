/** Which calls are asked for: those that took place within the window, with a span that the query matches. */
export type CallFilter = {
  /** TraceQL, as far as the viewer's Tempo API answers it; empty: whatever their spans are. */
  readonly traceql: string;
  /** Epoch milliseconds; null: as far back as there are calls. */
  readonly sinceMs: number | null;
  /** Epoch milliseconds; null: until now. */
  readonly untilMs: number | null;
};

/** What of the address asks for some calls only. */
export const FILTER_KEYS = ['traceql', 'since', 'until'] as const;

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The part of an address that asks for some calls only; null where none is asked for. @param search `location.search` */
export function readFilter(search: string): string | null {
  const query = new URLSearchParams(search);
  if (!FILTER_KEYS.some((key) => query.get(key)?.trim())) return null;
  return new URLSearchParams(FILTER_KEYS.flatMap((key) => query.getAll(key).map((value) => [key, value]))).toString();
}

/**
 * The filter that an address asks for: `traceql=…`, and a window by `since=` and `until=`, each how long ago (`30m`, `1h`), an
 * instant in ISO 8601 or seconds since 1970. @throws SyntaxError naming a time that is none of them
 */
export function parseFilter(search: string, nowMs: number): CallFilter {
  const query = new URLSearchParams(search);
  const time = (key: string) => {
    const text = query.get(key)?.trim() ?? '';
    return text === '' ? null : parseTime(key, text, nowMs);
  };
  return { traceql: query.get('traceql')?.trim() ?? '', sinceMs: time('since'), untilMs: time('until') };
}

function parseTime(key: string, text: string, nowMs: number): number {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  if (count !== undefined && unitMs !== undefined) return nowMs - Number(count) * unitMs;
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1000;
  const atMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(atMs)) return atMs;
  throw new SyntaxError(`${key}=${text} is no time: 30m, 1h, 2026-11-21T14:00:00Z and seconds since 1970 are`);
}

/** What a query of an alarm asks about, in its parts; each null where it says nothing of it. */
export type FilterParts = {
  /** `voice.stage` */
  readonly stage: string | null;
  /** Name of the span. */
  readonly name: string | null;
  readonly overMs: number | null;
  readonly failed: boolean;
  readonly provider: string | null;
  readonly service: string | null;
};

const TEXT = String.raw`"((?:[^"\\]|\\.)*)"`;
/** Up to the next && outside of a text. */
const COMPARISON = /((?:[^"&]|"(?:[^"\\]|\\.)*"|&(?!&))+)(?:&&|$)/g;
const PARTS: readonly (readonly [RegExp, (value: string) => Partial<FilterParts>])[] = [
  [new RegExp(`^span\\.voice\\.stage = ${TEXT}$`), (stage) => ({ stage })],
  [new RegExp(`^name = ${TEXT}$`), (name) => ({ name })],
  [new RegExp(`^resource\\.service\\.name = ${TEXT}$`), (service) => ({ service })],
  [new RegExp(`^span\\.gen_ai\\.provider\\.name = ${TEXT}$`), (provider) => ({ provider })],
  [/^duration > (\d+)ms$/, (ms) => ({ overMs: Number(ms) })],
  [/^(status = error)$/, () => ({ failed: true })],
];

/** The parts of a query in the form in which alarms write it; null for any other, whose words are its own. */
export function readParts(traceql: string): FilterParts | null {
  const [, inside] = /^\{\s*(.+?)\s*\}$/s.exec(traceql) ?? [];
  if (inside === undefined) return null;
  let parts: FilterParts = { stage: null, name: null, overMs: null, failed: false, provider: null, service: null };
  for (const [, comparison = ''] of inside.matchAll(COMPARISON)) {
    const found = PARTS.map(([pattern, read]) => {
      const [, value] = pattern.exec(comparison.trim()) ?? [];
      return value === undefined ? null : read(value.replace(/\\(.)/g, '$1'));
    }).find((part) => part !== null);
    if (!found) return null;
    parts = { ...parts, ...found };
  }
  return parts;
}
