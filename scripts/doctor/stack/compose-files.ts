import { readFileSync } from 'node:fs';
import { type CollectionTag, parse, Scalar, type ScalarTag, type YAMLMap, type YAMLSeq } from 'yaml';

type Value = unknown;
/** A file of Compose, or several merged: as much of it as is looked at here. */
export type ComposeFile = {
  readonly services: Readonly<Record<string, Readonly<Record<string, Value>>>>;
  readonly volumes?: Readonly<Record<string, { readonly driver_opts?: Readonly<Record<string, string>> } | null>>;
  readonly networks?: Readonly<Record<string, { readonly internal?: boolean } | null>>;
  readonly secrets?: Readonly<Record<string, { readonly file?: string }>>;
};

const RESET = '\u0000reset';
const OVERRIDE = '\u0000override';

const resetScalar: ScalarTag = { tag: '!reset', resolve: () => RESET };
const resetList: CollectionTag = { tag: '!reset', collection: 'seq', resolve: () => new Scalar(RESET) };
const overrideList: CollectionTag = {
  tag: '!override',
  collection: 'seq',
  resolve(node) {
    (node as YAMLSeq).items.unshift(new Scalar(OVERRIDE));
    return node;
  },
};
const overrideMap: CollectionTag = {
  tag: '!override',
  collection: 'map',
  resolve(node) {
    (node as YAMLMap).set(OVERRIDE, true);
    return node;
  },
};

/**
 * Reads files of Compose, each laid over those before it as Compose does: maps by key, lists one after the other, `!override` instead
 * of what was there, `!reset` nothing. Variables stay as they are written. @throws Error when a file is not there or no YAML
 */
export function readComposeFiles(files: readonly string[]): ComposeFile {
  const customTags = [resetScalar, resetList, overrideList, overrideMap];
  return files
    .map((file): Value => parse(readFileSync(file, 'utf8'), { merge: true, customTags, logLevel: 'error' }))
    .reduce((under, over) => mergeValues(under, over)) as ComposeFile;
}

/** Keys whose list is one value. */
const WHOLE = new Set(['command', 'entrypoint', 'test']);

function mergeValues(under: Value, over: Value, key = ''): Value {
  if (over === RESET) return undefined;
  if (Array.isArray(over)) {
    if (over[0] === OVERRIDE) return over.slice(1);
    return Array.isArray(under) && !WHOLE.has(key) ? [...under, ...over] : over;
  }
  if (!isMap(over)) return over;
  if (over[OVERRIDE] === true) {
    const { [OVERRIDE]: _mark, ...rest } = over;
    return rest;
  }
  const base: Readonly<Record<string, Value>> = isMap(under) ? under : {};
  const merged = Object.entries(over).map(([name, value]) => [name, mergeValues(base[name], value, name)] as const);
  return Object.fromEntries([...Object.entries(base), ...merged].filter(([name, value]) => isKept(name, value, over)));
}

/** What was reset is gone from below, too. */
function isKept(name: string, value: Value, over: Readonly<Record<string, Value>>): boolean {
  return value !== undefined && over[name] !== RESET;
}

function isMap(value: Value): value is Record<string, Value> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const VARIABLE = /\$\$|\$\{(\w+)(?:(:?[-?])([^}]*))?\}|\$(\w+)/g;

/** A text with its variables replaced: `${NAME}`, `${NAME:-default}`, `${NAME:?why}`; `$$` is a dollar. What is missing is empty. */
export function expandVariables(text: string, env: NodeJS.ProcessEnv): string {
  return text.replace(VARIABLE, (...match: readonly (string | undefined)[]) => {
    const [whole, name, operator, rest, plain] = match;
    if (whole === '$$') return '$';
    return env[name ?? plain ?? ''] || (operator?.endsWith('-') ? (rest ?? '') : '');
  });
}

/** Variables that a file demands (`${NAME:?why}`) and nobody has set, with why. */
export function listMissingVariables(
  text: string,
  env: NodeJS.ProcessEnv,
): readonly (readonly [name: string, why: string])[] {
  const demanded = [...text.matchAll(/\$\{(\w+):?\?([^}]*)\}/g)].map(([, name = '', why = '']) => [name, why] as const);
  return [...new Map(demanded)].filter(([name]) => !env[name]);
}
