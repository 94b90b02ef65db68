import { type Conversation, isKnown } from '../dialogue/conversation.ts';
import { wantedWords } from '../dialogue/date-words.ts';
import { resolveWanted } from '../dialogue/wanted.ts';
import { type JsonSchema, listTypes, resolveRef } from './json-schema.ts';

/** Where a field of the record stands. */
type FieldState = 'given' | 'confirmed' | 'missing';

/** Everything a conversation yields, by the property names that a schema may ask for. */
type Facts = { readonly values: Readonly<Record<string, unknown>>; readonly stateOf: (key: string) => FieldState };

type Place = { readonly key: string; readonly facts: Facts; readonly root: JsonSchema };

function collectFacts(conversation: Conversation, now: string | null): Facts {
  const { values, wanted, confirmed, language } = conversation;
  const when = wanted ? { dateTime: resolveWanted(wanted, now), words: wantedWords(wanted) } : null;
  return {
    values: { ...values, wanted: when, language },
    stateOf: (key) => {
      const isGiven = key === 'wanted' ? wanted !== null : isKnown(conversation, key);
      return isGiven ? (confirmed.has(key) ? 'confirmed' : 'given') : 'missing';
    },
  };
}

function fitEnum(options: readonly unknown[], value: unknown): unknown {
  const text = String(value).toLowerCase();
  const found = options.find((option) => option === value || String(option).toLowerCase() === text);
  // A language may be asked for with its region: `fr-FR` for `fr`.
  return found ?? options.find((option) => value !== null && String(option).toLowerCase().startsWith(`${text}-`));
}

function emptyOf(schema: JsonSchema, place: Place): unknown {
  const [type] = listTypes(schema);
  if (type === 'object') return fillObject(schema, {}, place);
  if (type === 'array') return [];
  if (type === 'number' || type === 'integer') return 0;
  return type === 'boolean' ? false : type === 'null' ? null : '';
}

function isNullable(schema: JsonSchema, root: JsonSchema): boolean {
  return (
    listTypes(schema).includes('null') ||
    (schema.enum?.includes(null) ?? false) ||
    (schema.anyOf?.some((option) => isNullable(resolveRef(option, root), root)) ?? false)
  );
}

/** `when` as a plain string is its words. */
function asText(value: unknown): unknown {
  return value !== null && typeof value === 'object' && 'words' in value ? value.words : value;
}

/** A pattern that is none asks for nothing. */
function parsePattern(source: string): RegExp {
  try {
    return new RegExp(source, 'u');
  } catch {
    return /(?:)/u;
  }
}

function fitString(schema: JsonSchema, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const text = String(asText(value));
  if (schema.pattern === undefined) return text;
  const pattern = parsePattern(schema.pattern);
  return [text, text.replace(/(?!^\+)[^\d]/gu, '')].find((form) => pattern.test(form));
}

function fillObject(
  schema: JsonSchema,
  values: Readonly<Record<string, unknown>>,
  place: Place,
): Record<string, unknown> {
  const entries = Object.entries(schema.properties ?? {});
  return Object.fromEntries(entries.map(([key, child]) => [key, fillValue(child, values[key], { ...place, key })]));
}

function fillEnum(schema: JsonSchema, value: unknown, place: Place): unknown {
  const options = schema.enum ?? [];
  const wanted = options.includes('missing') ? place.facts.stateOf(place.key) : value;
  const fitting = wanted === undefined || wanted === null ? undefined : fitEnum(options, wanted);
  return fitting ?? (isNullable(schema, place.root) ? null : options[0]);
}

function fillUnion(options: readonly JsonSchema[], value: unknown, place: Place): unknown {
  const resolved = options.map((option) => resolveRef(option, place.root));
  const kind = value !== null && typeof value === 'object' ? 'object' : typeof value;
  const isNull = (option: JsonSchema) => listTypes(option).includes('null') && listTypes(option).length === 1;
  const isState = (option: JsonSchema) => option.enum?.includes('missing') === true;
  if ((value === undefined || value === null) && resolved.some(isNull) && !resolved.some(isState)) return null;
  const best =
    resolved.find((option) => listTypes(option).includes(kind)) ?? resolved.find((option) => !isNull(option)) ?? {};
  const isUnfit = listTypes(best).includes('string') && !best.enum && fitString(best, value) === undefined;
  return isUnfit && resolved.some(isNull) ? null : fillValue(best, value, place);
}

function fillValue(given: JsonSchema, value: unknown, place: Place): unknown {
  const schema = resolveRef(given, place.root);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return fillEnum(schema, value, place);
  if (schema.anyOf) return fillUnion(schema.anyOf, value, place);
  const types = listTypes(schema);
  if (types.includes('object')) {
    const isKnownObject = value !== null && typeof value === 'object';
    if (isKnownObject) return fillObject(schema, { ...value }, place);
    // A property that is no fact itself may group facts or their states: its children are looked up by name.
    return types.includes('null') && value === null ? null : fillObject(schema, place.facts.values, place);
  }
  if (types.includes('array') && typeof value === 'string')
    return [fillValue(schema.items ?? { type: 'string' }, value, place)];
  if (types.includes('string')) {
    const text = fitString(schema, value);
    return text ?? (isNullable(schema, place.root) ? null : '');
  }
  if (types.some((type) => type === typeof value)) return value;
  return isNullable(schema, place.root) ? null : emptyOf(schema, place);
}

/** Fills the schema that the request brought with what the conversation holds. What is not known is null where the schema allows it, else the emptiest value of its type; enums are obeyed; an enum with `missing` gets the state of the field that it is named after. `now` = local `YYYY-MM-DDTHH:mm`. */
export function generateExtraction(schema: JsonSchema, conversation: Conversation, now: string | null): unknown {
  const facts = collectFacts(conversation, now);
  const root = resolveRef(schema, schema);
  if (listTypes(root).length === 0) return facts.values;
  return fillObject(root, facts.values, { key: '', facts, root: schema });
}
