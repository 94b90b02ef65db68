import type { Resource, Scope, TypedValue } from '../../domain/telemetry.ts';
import { MAX_DEPTH, OtlpDecodeError } from './decode-error.ts';
import { checkItems, checkMarks } from './json-budget.ts';
import { createAttributes, NO_RESOURCE, NO_SCOPE, type OpenAttributes } from './wire-values.ts';

/** A JSON object of an OTLP/JSON body; keys that OTLP does not know are passed over. */
export type JsonObject = { readonly [key: string]: unknown };

/** @throws OtlpDecodeError when the bytes are not a JSON object, ViewerError `too_large` when it brings too much */
function parseJsonObject(bytes: Buffer): JsonObject {
  checkMarks(bytes);
  const body = parseJson(bytes);
  checkItems(body);
  return body;
}

function parseJson(bytes: Buffer): JsonObject {
  try {
    return toObject(JSON.parse(bytes.toString('utf8')), 'the body');
  } catch (error) {
    if (error instanceof OtlpDecodeError) throw error;
    throw new OtlpDecodeError(`the body is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** @throws OtlpDecodeError when the value is no object */
export function toObject(value: unknown, what: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new OtlpDecodeError(`${what} is not an object`);
  }
  return value as JsonObject;
}

/** The objects of a repeated field; null and a missing field are none. @throws OtlpDecodeError */
export function toObjects(value: unknown, what: string): readonly JsonObject[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new OtlpDecodeError(`${what} is not an array`);
  return value.map((item) => toObject(item, what));
}

/** A string field; null and a missing field are ''. @throws OtlpDecodeError */
export function toText(value: unknown, what: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw new OtlpDecodeError(`${what} is not a string`);
  return value;
}

/** A 64-bit integer, a string of digits or a number as JSON mapping allows; a missing one is 0. @throws OtlpDecodeError */
export function toInteger(value: unknown, what: string): bigint {
  if (value === undefined || value === null) return 0n;
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt.asIntN(64, BigInt(value));
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt.asIntN(64, BigInt(value));
  throw new OtlpDecodeError(`${what} is not a 64-bit integer`);
}

/** Attributes of a repeated KeyValue field. @throws OtlpDecodeError */
export function toAttributes(value: unknown, depth = 0): OpenAttributes {
  const attributes = createAttributes();
  for (const pair of toObjects(value, 'attributes')) {
    attributes[toText(pair.key, 'key')] = pair.value === undefined ? null : toValue(pair.value, depth);
  }
  return attributes;
}

/** An AnyValue. @throws OtlpDecodeError */
export function toValue(value: unknown, depth = 0): TypedValue {
  if (value === null || value === undefined) return null;
  if (depth > MAX_DEPTH) throw new OtlpDecodeError(`values nested deeper than ${MAX_DEPTH}`);
  const any = toObject(value, 'a value');
  if (any.stringValue !== undefined) return toText(any.stringValue, 'stringValue');
  if (any.boolValue !== undefined) return any.boolValue === true;
  if (any.intValue !== undefined) return toInteger(any.intValue, 'intValue');
  if (any.doubleValue !== undefined) return toDouble(any.doubleValue);
  if (any.bytesValue !== undefined) {
    return Uint8Array.from(Buffer.from(toText(any.bytesValue, 'bytesValue'), 'base64'));
  }
  if (any.arrayValue !== undefined) {
    const { values } = toObject(any.arrayValue, 'arrayValue');
    if (values !== undefined && !Array.isArray(values)) throw new OtlpDecodeError('values is not an array');
    return (values ?? []).map((item: unknown) => toValue(item, depth + 1));
  }
  if (any.kvlistValue !== undefined) return toAttributes(toObject(any.kvlistValue, 'kvlistValue').values, depth + 1);
  return null;
}

/** A double, also as protobuf's JSON mapping writes what JSON has no number for. @throws OtlpDecodeError */
export function toDouble(value: unknown): number {
  if (typeof value === 'number') return value;
  // Protobuf's JSON mapping writes what JSON has no number for as these words.
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
  if (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value);
  throw new OtlpDecodeError('doubleValue is not a number');
}

/** A Resource. @throws OtlpDecodeError */
function toResource(value: unknown): Resource {
  if (value === undefined || value === null) return NO_RESOURCE;
  return { attributes: toAttributes(toObject(value, 'resource').attributes) };
}

/** An InstrumentationScope. @throws OtlpDecodeError */
function toScope(value: unknown): Scope {
  if (value === undefined || value === null) return NO_SCOPE;
  const { name, version, attributes } = toObject(value, 'scope');
  return { name: toText(name, 'name'), version: toText(version, 'version'), attributes: toAttributes(attributes) };
}

/** The names that one signal has for its levels: `resourceSpans`, `scopeSpans`, `spans`. */
export type SignalKeys = { readonly groups: string; readonly scopes: string; readonly items: string };

/**
 * The items of an export request, each with its resource and scope: all three signals are laid out alike.
 * @throws OtlpDecodeError when the body is no such message
 */
export function readItems<T>(
  bytes: Buffer,
  { groups, scopes, items }: SignalKeys,
  toItem: (item: JsonObject, resource: Resource, scope: Scope) => T,
): T[] {
  return toObjects(parseJsonObject(bytes)[groups], groups).flatMap((group) => {
    const resource = toResource(group.resource);
    return toObjects(group[scopes], scopes).flatMap((scoped) => {
      const scope = toScope(scoped.scope);
      return toObjects(scoped[items], items).map((item) => toItem(item, resource, scope));
    });
  });
}
