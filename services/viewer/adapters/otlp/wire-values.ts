import type { Resource, Scope, TypedAttributes, TypedValue } from '../../domain/telemetry.ts';
import { MAX_DEPTH, OtlpDecodeError } from './decode-error.ts';
import type { WireReader } from './wire-reader.ts';

/** Attributes under construction: without a prototype, so that no key means anything but itself. */
export type OpenAttributes = { [key: string]: TypedValue };

/** A new, empty set of attributes. */
export function createAttributes(): OpenAttributes {
  return Object.create(null) as OpenAttributes;
}

/** Reads a KeyValue (common.proto) into `attributes`. @throws OtlpDecodeError */
export function readKeyValue(reader: WireReader, attributes: OpenAttributes, depth = 0): void {
  reader.budget.takeValues(1);
  let key = '';
  let value: TypedValue = null;
  reader.readNested((field) => {
    if (field === 1) key = reader.readString();
    else if (field === 2) value = readAnyValue(reader, depth);
    else return false;
    return true;
  });
  attributes[key] = value;
}

/** Reads an AnyValue (common.proto). @throws OtlpDecodeError */
export function readAnyValue(reader: WireReader, depth = 0): TypedValue {
  if (depth > MAX_DEPTH) throw new OtlpDecodeError(`values nested deeper than ${MAX_DEPTH}`);
  let value: TypedValue = null;
  reader.readNested((field) => {
    switch (field) {
      case 1:
        value = reader.readString();
        return true;
      case 2:
        value = reader.readSmall() !== 0;
        return true;
      case 3:
        value = reader.readInt64();
        return true;
      case 4:
        value = reader.readDouble();
        return true;
      case 5:
        value = readArray(reader, depth + 1);
        return true;
      case 6:
        value = readMap(reader, depth + 1);
        return true;
      case 7:
        value = reader.readBytes();
        return true;
      default:
        return false;
    }
  });
  return value;
}

function readArray(reader: WireReader, depth: number): readonly TypedValue[] {
  const values: TypedValue[] = [];
  reader.readNested((field) => {
    if (field !== 1) return false;
    reader.budget.takeValues(1);
    values.push(readAnyValue(reader, depth));
    return true;
  });
  return values;
}

function readMap(reader: WireReader, depth: number): TypedAttributes {
  const map = createAttributes();
  reader.readNested((field) => {
    if (field !== 1) return false;
    readKeyValue(reader, map, depth);
    return true;
  });
  return map;
}

/** Reads a Resource (resource.proto). @throws OtlpDecodeError */
export function readResource(reader: WireReader): Resource {
  reader.budget.takeValues(1);
  const attributes = createAttributes();
  reader.readNested((field) => {
    if (field !== 1) return false;
    readKeyValue(reader, attributes);
    return true;
  });
  return { attributes };
}

/** Reads an InstrumentationScope (common.proto). @throws OtlpDecodeError */
export function readScope(reader: WireReader): Scope {
  reader.budget.takeValues(1);
  let name = '';
  let version = '';
  const attributes = createAttributes();
  reader.readNested((field) => {
    if (field === 1) name = reader.readString();
    else if (field === 2) version = reader.readString();
    else if (field === 3) readKeyValue(reader, attributes);
    else return false;
    return true;
  });
  return { name, version, attributes };
}

/** What stands for a Resource or Scope that was not sent. */
export const NO_RESOURCE: Resource = { attributes: createAttributes() };
export const NO_SCOPE: Scope = { name: '', version: '', attributes: createAttributes() };
