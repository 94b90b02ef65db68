import type { SpanEvent, SpanLink, TypedAttributes, TypedValue } from '../../domain/telemetry.ts';
import { isList } from '../../domain/views.ts';

/**
 * Attributes as JSON text that SQLite can search and that gives back exactly what was put in: integers without, doubles with a
 * point or exponent; what JSON has no form for is an object with one key that begins with `$`.
 */
export function formatAttributes(attributes: TypedAttributes): string {
  const pairs = Object.entries(attributes).map(([key, value]) => `${JSON.stringify(key)}:${formatValue(value)}`);
  return `{${pairs.join()}}`;
}

/** The same attributes in one order, so that their text is one. */
export function sortKeys(attributes: TypedAttributes): TypedAttributes {
  return Object.fromEntries(Object.entries(attributes).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** One value in the same form. */
export function formatValue(value: TypedValue): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return formatDouble(value);
  if (value === null) return 'null';
  if (value instanceof Uint8Array) return `{"$bytes":"${Buffer.from(value).toString('base64')}"}`;
  if (isList(value)) return `[${value.map(formatValue).join()}]`;
  return `{"$map":${formatAttributes(value)}}`;
}

function formatDouble(value: number): string {
  if (!Number.isFinite(value)) return `{"$double":"${value}"}`;
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** What {@link formatAttributes} wrote. */
export function parseAttributes(text: string): TypedAttributes {
  return toTypedMap(parseNumbers(text) as Record<string, unknown>);
}

/** What {@link formatValue} wrote. */
export function parseValue(text: string): TypedValue {
  return toTyped(parseNumbers(text));
}

/** Text of a span's events, null when it has none. */
export function formatEvents(events: readonly SpanEvent[]): string | null {
  if (events.length === 0) return null;
  const texts = events.map(
    ({ name, timeNs, attributes }) =>
      `{"name":${JSON.stringify(name)},"timeNs":"${timeNs}","attributes":${formatAttributes(attributes)}}`,
  );
  return `[${texts.join()}]`;
}

/** What {@link formatEvents} wrote. */
export function parseEvents(text: string | null): readonly SpanEvent[] {
  if (text === null) return [];
  return (parseNumbers(text) as { name: string; timeNs: string; attributes: Record<string, unknown> }[]).map(
    (event) => ({
      name: event.name,
      timeNs: BigInt(event.timeNs),
      attributes: toTypedMap(event.attributes),
    }),
  );
}

/** Text of a span's links, null when it has none. */
export function formatLinks(links: readonly SpanLink[]): string | null {
  if (links.length === 0) return null;
  const texts = links.map(
    ({ attributes, ...ids }) => `{"ids":${JSON.stringify(ids)},"attributes":${formatAttributes(attributes)}}`,
  );
  return `[${texts.join()}]`;
}

/** What {@link formatLinks} wrote. */
export function parseLinks(text: string | null): readonly SpanLink[] {
  if (text === null) return [];
  type Stored = { ids: Omit<SpanLink, 'attributes'>; attributes: Record<string, unknown> };
  return (parseNumbers(text) as Stored[]).map(({ ids, attributes }) => ({
    ...ids,
    attributes: toTypedMap(attributes),
  }));
}

/** Only such text can hold a double without a fraction, or an integer that a Number cannot hold. */
const NEEDS_SOURCE = /\d\.0|\d{16}|\d[eE]/;

// JSON.parse alone cannot tell 5.0 from 5; the source of each number can, and is asked for only where it matters.
function parseNumbers(text: string): unknown {
  if (!NEEDS_SOURCE.test(text)) return JSON.parse(text, undefined);
  const revive = (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && context?.source !== undefined ? new NumberSource(context.source) : value;
  return JSON.parse(text, revive as (key: string, value: unknown) => unknown);
}

class NumberSource {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

function toTypedMap(map: Record<string, unknown>): TypedAttributes {
  const typed = Object.create(null) as { [key: string]: TypedValue };
  for (const [key, value] of Object.entries(map)) typed[key] = toTyped(value);
  return typed;
}

function toTyped(value: unknown): TypedValue {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (value instanceof NumberSource) return /[.eE]/.test(value.source) ? Number(value.source) : BigInt(value.source);
  if (Array.isArray(value)) return value.map(toTyped);
  const wrapped = value as { $bytes?: string; $double?: string; $map?: Record<string, unknown> };
  if (wrapped.$bytes !== undefined) return Uint8Array.from(Buffer.from(wrapped.$bytes, 'base64'));
  if (wrapped.$double !== undefined) return Number(wrapped.$double);
  return toTypedMap(wrapped.$map ?? {});
}
