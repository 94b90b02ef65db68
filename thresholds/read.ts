import type { z } from 'zod';
import { type Finding, findContradictions } from './contradictions.ts';
import { type KeyPath, parseYamlFile, type YamlFile } from './document.ts';
import { readOverrides } from './environment.ts';
import { listLimitPlaces } from './limit-rows.ts';
import type { Thresholds } from './model.ts';
import { findNearest } from './nearest.ts';
import { ThresholdsError, type ThresholdsProblem } from './problems.ts';
import { COUNTED_IDS, resolveThresholds } from './resolve.ts';
import { FileSchema, generateFileSchema } from './schema.ts';

const FILE_JSON_SCHEMA = generateFileSchema();

/** Ten times a long file: the work of reading one is bounded by its length. */
export const MOST_BYTES = 200_000;

/** More than anybody reads at once. */
const MOST_PROBLEMS = 50;

/** What else a file is read with. */
export type ReadOptions = {
  /** Its name in problems. */
  readonly file: string;
  /** Where overrides come from; default: nowhere. */
  readonly env?: Readonly<Record<string, string | undefined>>;
};

/**
 * Reads a thresholds file: YAML, its schema, what contradicts itself, and the overrides of the environment.
 * @throws ThresholdsError with everything that is wrong, each with its line and column
 */
export function readThresholds(text: string, { file, env = {} }: ReadOptions): Thresholds {
  if (text.length > MOST_BYTES) {
    const reason = `is longer than ${MOST_BYTES} bytes`;
    throw new ThresholdsError(file, [{ line: 1, column: 1, path: '', reason }]);
  }
  const yaml = parseYamlFile(text);
  if (!('placeOf' in yaml)) throw new ThresholdsError(file, yaml);
  if (yaml.value === null || yaml.value === undefined) {
    throw new ThresholdsError(file, [{ line: 1, column: 1, path: '', reason: 'is empty' }]);
  }
  const parsed = FileSchema.safeParse(yaml.value);
  if (!parsed.success) {
    const issues = parsed.error.issues.slice(0, MOST_PROBLEMS);
    const problems = issues.flatMap((issue) => explainIssue(issue, yaml)).slice(0, MOST_PROBLEMS);
    throw new ThresholdsError(file, order(problems));
  }
  const content = parsed.data;
  const places = new Map<string, KeyPath>([
    ...listLimitPlaces(content).map(({ id, path }) => [id, path] as const),
    ...COUNTED_IDS.map((id) => [id, [id]] as const),
  ]);
  const { overrides, problems } = readOverrides(env, [...places.keys()]);
  const resolved = resolveThresholds(content, overrides);
  const findings: readonly Finding[] = [
    ...problems.map(({ variable, reason, nearest, overrides: figure }) => ({
      path: figure ? [...(places.get(figure.id) ?? []), `${figure.level}_ms`] : [],
      reason: `${variable} in the environment ${reason}`,
      ...(nearest ? { nearest } : {}),
    })),
    ...findContradictions(content, resolved, overrides),
  ];
  if (findings.length > 0) {
    throw new ThresholdsError(file, order(findings.map((finding) => placeFinding(finding, yaml))));
  }
  return resolved;
}

function placeFinding({ path, of, reason, nearest }: Finding, yaml: YamlFile): ThresholdsProblem {
  return { ...yaml.placeOf(path, of), path: path.map(String).join('.'), reason, ...(nearest ? { nearest } : {}) };
}

function order(problems: readonly ThresholdsProblem[]): readonly ThresholdsProblem[] {
  return [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
}

function explainIssue(issue: z.core.$ZodIssue, yaml: YamlFile): readonly ThresholdsProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, MOST_PROBLEMS).map((key) => unknownKey([...issue.path, key], yaml));
  }
  if (issue.code === 'invalid_key') {
    const known = knownKeys(issue.path.slice(0, -1));
    if (known.length > 0) return [unknownKey(issue.path, yaml)];
    const reason = issue.issues[0]?.message ?? issue.message;
    return [placeFinding({ path: issue.path, of: 'key', reason }, yaml)];
  }
  const value = issue.path.reduce<unknown>((at, key) => (isRecord(at) ? at[String(key)] : undefined), yaml.value);
  if (
    (issue.code === 'invalid_type' || issue.code === 'custom' || issue.code === 'invalid_value') &&
    value === undefined
  ) {
    return [placeFinding({ path: issue.path, of: 'key', reason: 'is missing' }, yaml)];
  }
  // Of a union: what is wrong with the branch that the value was meant to be.
  const inner = issue.code === 'invalid_union' && isRecord(value) ? issue.errors.at(-1) : undefined;
  if (inner) return inner.flatMap((one) => explainIssue({ ...one, path: [...issue.path, ...one.path] }, yaml));
  return [placeFinding({ path: issue.path, reason: plainReason(issue) }, yaml)];
}

function plainReason(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_type') return issue.message;
  if (issue.expected === 'object' || issue.expected === 'record') return 'must be a map of keys and values';
  return issue.message.startsWith('Invalid input') ? `must be a ${issue.expected}` : issue.message;
}

function unknownKey(path: KeyPath, yaml: YamlFile): ThresholdsProblem {
  const known = knownKeys(path.slice(0, -1));
  const nearest = findNearest(String(path.at(-1)), known);
  const reason = nearest ? 'is no known name' : `is no known name; known are ${known.join(', ')}`;
  return placeFinding({ path, of: 'key', reason, ...(nearest ? { nearest } : {}) }, yaml);
}

/** The keys that the schema has at `path`. */
function knownKeys(path: KeyPath): readonly string[] {
  const file = FILE_JSON_SCHEMA;
  const rows = isRecord(file.$defs) ? file.$defs : {};
  let schema: unknown = file;
  for (const key of path) {
    schema = stepInto(isRecord(schema) ? schema : {}, String(key));
    if (isRecord(schema) && typeof schema.$ref === 'string') schema = rows[schema.$ref.slice('#/$defs/'.length)];
  }
  if (!isRecord(schema)) return [];
  const branches = Array.isArray(schema.anyOf) ? schema.anyOf.filter(isRecord) : [schema];
  return branches.flatMap((branch) => {
    if (isRecord(branch.properties)) return Object.keys(branch.properties);
    const names = isRecord(branch.propertyNames) ? branch.propertyNames.enum : undefined;
    return Array.isArray(names) ? names.map(String) : [];
  });
}

function stepInto(schema: Readonly<Record<string, unknown>>, key: string): unknown {
  const branches = Array.isArray(schema.anyOf) ? schema.anyOf.filter(isRecord) : [schema];
  for (const branch of branches) {
    if (isRecord(branch.properties) && Object.hasOwn(branch.properties, key)) return branch.properties[key];
    if (isRecord(branch.additionalProperties)) return branch.additionalProperties;
  }
  return undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
