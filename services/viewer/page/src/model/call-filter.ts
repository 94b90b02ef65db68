/** Which calls are asked for: those that took place within the window, with a span that the query matches and a wait that long. */
export type CallFilter = {
  /** TraceQL, as far as the viewer's Tempo API answers it; empty: whatever their spans are. */
  readonly traceql: string;
  /** Epoch milliseconds; null: as far back as there are calls. */
  readonly sinceMs: number | null;
  /** Epoch milliseconds; null: until now. */
  readonly untilMs: number | null;
  /** Milliseconds that the caller's longest wait was over; null: whatever the waits were. */
  readonly worstOverMs: number | null;
};

/** What of the address asks for some calls only. */
export const FILTER_KEYS = ['traceql', 'worst', 'since', 'until'] as const;

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The part of an address that asks for some calls only; null where none is asked for. @param search `location.search` */
export function readFilter(search: string): string | null {
  const query = new URLSearchParams(search);
  if (!FILTER_KEYS.some((key) => query.get(key)?.trim())) return null;
  return new URLSearchParams(FILTER_KEYS.flatMap((key) => query.getAll(key).map((value) => [key, value]))).toString();
}

/**
 * The filter that an address asks for: `traceql=…`, `worst=>1.4s`, and a window by `since=` and `until=`, each how long ago (`30m`,
 * `1h`), an instant in ISO 8601 or seconds since 1970. @throws SyntaxError naming a wait or a time that is none of them
 */
export function parseFilter(search: string, nowMs: number): CallFilter {
  const query = new URLSearchParams(search);
  const textOf = (key: string) => query.get(key)?.trim() ?? '';
  const time = (key: string) => (textOf(key) === '' ? null : parseTime(key, textOf(key), nowMs));
  const worst = textOf('worst');
  return {
    traceql: textOf('traceql'),
    sinceMs: time('since'),
    untilMs: time('until'),
    worstOverMs: worst === '' ? null : parseWait(worst),
  };
}

function parseWait(text: string): number {
  const [, count, unit] = /^>\s*(\d{1,6}(?:\.\d{1,3})?)\s*(ms|s)$/.exec(text) ?? [];
  if (count === undefined) throw new SyntaxError(`worst=${text} is no wait: >1.4s and >900ms are`);
  return Math.round(Number(count) * (unit === 's' ? 1000 : 1));
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
