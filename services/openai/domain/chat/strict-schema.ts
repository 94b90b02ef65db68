import { createBadRequest } from '../api-error.ts';
import { type JsonSchema, listTypes } from './json-schema.ts';

/**
 * Refuses what `strict: true` refuses: every object closed and every property required, the root an object
 * (https://platform.openai.com/docs/guides/structured-outputs). @throws ApiError 400 that names the place; `param` is where the request holds the schema.
 */
export function checkStrictSchema(name: string, schema: JsonSchema, param = 'response_format'): void {
  const refuse = (path: readonly string[], message: string) => {
    const context =
      path.length === 0 ? '()' : `(${path.map((part) => `'${part}'`).join(', ')}${path.length === 1 ? ',' : ''})`;
    return createBadRequest(`Invalid schema for response_format '${name}': In context=${context}, ${message}`, param);
  };
  const visit = (part: JsonSchema, path: readonly string[]): void => {
    if (listTypes(part).includes('object')) {
      if (part.additionalProperties !== false)
        throw refuse(path, "'additionalProperties' is required to be supplied and to be false.");
      const missing = Object.keys(part.properties ?? {}).find((key) => !part.required?.includes(key));
      if (missing !== undefined)
        throw refuse(
          path,
          `'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`,
        );
    }
    for (const [key, child] of Object.entries(part.properties ?? {})) visit(child, [...path, 'properties', key]);
    for (const [key, child] of Object.entries(part.$defs ?? part.definitions ?? {}))
      visit(child, [...path, '$defs', key]);
    for (const [index, child] of (part.anyOf ?? []).entries()) visit(child, [...path, 'anyOf', String(index)]);
    if (part.items) visit(part.items, [...path, 'items']);
  };
  if (schema.$ref === undefined && !listTypes(schema).includes('object')) {
    const got = listTypes(schema)[0] ?? 'None';
    throw createBadRequest(
      `Invalid schema for response_format '${name}': schema must be a JSON Schema of 'type: "object"', got 'type: "${got}"'.`,
      param,
    );
  }
  visit(schema, []);
}
