import { z } from 'zod';

/** The part of JSON Schema that Structured Outputs allow. */
export type JsonSchema = {
  readonly type?: string | readonly string[] | undefined;
  readonly properties?: Readonly<Record<string, JsonSchema>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly additionalProperties?: unknown;
  readonly items?: JsonSchema | undefined;
  readonly anyOf?: readonly JsonSchema[] | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly const?: unknown;
  readonly $ref?: string | undefined;
  readonly $defs?: Readonly<Record<string, JsonSchema>> | undefined;
  readonly definitions?: Readonly<Record<string, JsonSchema>> | undefined;
  readonly pattern?: string | undefined;
};

/** Reads a schema; keywords beyond that part are kept and not looked at. */
export const jsonSchemaSchema: z.ZodType<JsonSchema> = z.lazy(() =>
  z.looseObject({
    type: z.union([z.string(), z.array(z.string())]).optional(),
    properties: z.record(z.string(), jsonSchemaSchema).optional(),
    required: z.array(z.string()).optional(),
    additionalProperties: z.unknown().optional(),
    items: jsonSchemaSchema.optional(),
    anyOf: z.array(jsonSchemaSchema).optional(),
    enum: z.array(z.unknown()).optional(),
    const: z.unknown().optional(),
    $ref: z.string().optional(),
    $defs: z.record(z.string(), jsonSchemaSchema).optional(),
    definitions: z.record(z.string(), jsonSchemaSchema).optional(),
    pattern: z.string().optional(),
  }),
);

/** The types of a schema as a list. */
export function listTypes(schema: JsonSchema): readonly string[] {
  if (schema.type === undefined) return schema.properties ? ['object'] : [];
  return typeof schema.type === 'string' ? [schema.type] : schema.type;
}

/** Follows a local `$ref` of `root`; an unknown one, or one that leads back to itself, is an empty schema. */
export function resolveRef(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const seen = new Set<string>();
  let found: JsonSchema | undefined = schema;
  while (found?.$ref !== undefined && !seen.has(found.$ref)) {
    seen.add(found.$ref);
    found = findTarget(found.$ref, root);
  }
  return found?.$ref === undefined ? (found ?? {}) : {};
}

function findTarget(ref: string, root: JsonSchema): JsonSchema | undefined {
  if (ref === '#') return root;
  const [, place, name = ''] = /^#\/(\$defs|definitions)\/(.+)$/u.exec(ref) ?? [];
  const targets = (place === 'definitions' ? root.definitions : root.$defs) ?? {};
  return Object.hasOwn(targets, name) ? targets[name] : undefined;
}
