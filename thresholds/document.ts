import { type Document, isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { ThresholdsProblem } from './problems.ts';

/** Keys from the top of a document. */
export type KeyPath = readonly PropertyKey[];

/** Where something stands, both from 1. */
export type Place = { readonly line: number; readonly column: number };

/** A YAML file as plain values, and where each of them stands. */
export type YamlFile = {
  readonly value: unknown;
  /** Of the value at `path`, or of its key; of the nearest map around it where there is none. */
  placeOf(path: KeyPath, of?: 'key' | 'value'): Place;
};

/** Deeper than any file of ours; a parser without a bound is ended by its stack. */
const MOST_DEPTH = 20;
const MOST_PROBLEMS = 20;

/**
 * Reads YAML 1.2 of one document. Anchors, aliases, tags and keys that are there twice are refused: a limit stands in one
 * place, and a short file must not unfold into a long one.
 * @returns the file, or what is wrong with it
 */
export function parseYamlFile(text: string): YamlFile | readonly ThresholdsProblem[] {
  const lines = new LineCounter();
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problemAt = (offset: number, reason: string) => ({ ...at(offset), path: '', reason });
  const deep = findDepth(text);
  if (deep !== undefined) return [{ ...deep, path: '', reason: `is nested more than ${MOST_DEPTH} deep` }];
  // Its own check of double keys compares each with each.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'error',
  });
  if (document.errors.length > 0) {
    const tabs = document.errors.filter(({ code }) => code === 'TAB_AS_INDENT');
    // A tab makes what follows it wrong, too.
    return (tabs.length > 0 ? tabs : document.errors)
      .slice(0, MOST_PROBLEMS)
      .map((error) => problemAt(error.pos[0], explain(error)));
  }
  const refused = findRefused(document, problemAt);
  if (refused.length > 0) return refused.slice(0, MOST_PROBLEMS);
  return { value: document.toJS(), placeOf: (path, of = 'value') => at(findOffset(document.contents, path, of)) };
}

function explain({ code, message }: { readonly code: string; readonly message: string }): string {
  if (code === 'TAB_AS_INDENT') return 'begins with a tab: YAML is indented with spaces';
  if (code === 'MULTIPLE_DOCS') return 'begins a second document: the file is one';
  return `is no YAML: ${message.split('\n')[0]}`;
}

/** Where brackets or indentation go deeper than the parser should be asked to. */
function findDepth(text: string): Place | undefined {
  let line = 1;
  let open = 0;
  for (const row of text.split('\n')) {
    for (const letter of row) {
      if (letter === '[' || letter === '{') open += 1;
      if (letter === ']' || letter === '}') open = Math.max(0, open - 1);
      if (letter === '#' && open === 0) break;
      if (open > MOST_DEPTH) return { line, column: 1 };
    }
    // "- - - - 1" and "? ? ? 1" nest without brackets, and one more space a line does without either.
    if (/^\s*([-?] +){20}/.test(row) || /^ {200}/.test(row)) return { line, column: 1 };
    line += 1;
  }
  return undefined;
}

type ProblemAt = (offset: number, reason: string) => ThresholdsProblem;

function findRefused(document: Document.Parsed, problemAt: ProblemAt): readonly ThresholdsProblem[] {
  const found: ThresholdsProblem[] = [];
  const look = (node: unknown) => {
    if (isPair(node)) {
      look(node.key);
      look(node.value);
      return;
    }
    const offset = offsetOf(node);
    if (isAlias(node)) found.push(problemAt(offset, `refers to *${node.source}: write the value itself`));
    else if (isNode(node) && node.anchor) found.push(problemAt(offset, `has the anchor &${node.anchor}: leave it out`));
    if (isNode(node) && node.tag) found.push(problemAt(offset, `has the tag ${node.tag}: leave it out`));
    if (isSeq(node) || isMap(node)) node.items.forEach(look);
    if (isMap(node)) found.push(...findDoubleKeys(node.items, problemAt));
  };
  look(document.contents);
  return found;
}

function findDoubleKeys(
  pairs: readonly { readonly key: unknown }[],
  problemAt: ProblemAt,
): readonly ThresholdsProblem[] {
  const seen = new Set<string>();
  return pairs.flatMap(({ key }) => {
    const name = isScalar(key) ? String(key.value) : undefined;
    if (name === undefined) return [problemAt(offsetOf(key), 'is a key that is no word')];
    if (seen.has(name)) return [problemAt(offsetOf(key), `${name} is there twice`)];
    seen.add(name);
    return [];
  });
}

/** The offset of the deepest thing on `path` that the document has. */
function findOffset(top: unknown, path: KeyPath, of: 'key' | 'value'): number {
  let node = top;
  let offset = path.length === 0 ? 0 : offsetOf(top);
  for (const [depth, key] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      if (!pair) return offset;
      offset = offsetOf(pair.key);
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(key)];
    } else {
      return offset;
    }
    const isLast = depth === path.length - 1;
    if (isLast && of === 'value' && (isScalar(node) || isSeq(node))) offset = offsetOf(node) || offset;
  }
  return offset;
}

function isNode(value: unknown): value is Node & { readonly anchor?: string; readonly tag?: string } {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value);
}

function offsetOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}
