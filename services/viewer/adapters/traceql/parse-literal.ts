import type { SyntaxNode } from '@lezer/common';
import { ViewerError } from '../../domain/errors.ts';
import type { Literal } from '../../domain/trace-query.ts';
import { readText, type Source } from './source.ts';

const STATUSES: readonly string[] = ['unset', 'ok', 'error'];
const KINDS: readonly string[] = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
const NS_PER_UNIT: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 86_400e9,
  w: 604_800e9,
};

/** The literal that a node is, undefined when it is something else. @throws ViewerError for one that cannot be read */
export function parseLiteral(node: SyntaxNode, source: Source): Literal | undefined {
  const inner = node.firstChild;
  const text = readText(source, node).trim();
  // The grammar has the sign of a number outside the number.
  if (inner?.name === 'FieldExpression' && text.startsWith('-')) return negate(parseLiteral(inner, source));
  if (inner?.name !== 'Static') return undefined;
  return parseStatic(inner, readText(source, inner));
}

function parseStatic(node: SyntaxNode, text: string): Literal {
  switch (node.firstChild?.name) {
    case 'String':
      return { type: 'string', value: parseText(text) };
    case 'Integer':
    case 'Float':
      return { type: 'number', value: Number(text) };
    case 'Duration':
      return { type: 'duration', value: parseDuration(text) };
    default:
      return parseWord(text);
  }
}

function parseWord(word: string): Literal {
  if (word === 'nil') return { type: 'nil' };
  if (word === 'true' || word === 'false') return { type: 'boolean', value: word === 'true' };
  if (STATUSES.includes(word)) return { type: 'status', value: STATUSES.indexOf(word) };
  if (KINDS.includes(word)) return { type: 'kind', value: KINDS.indexOf(word) };
  throw new ViewerError('unsupported', `this part of TraceQL is not supported here: ${word}`);
}

function parseText(text: string): string {
  if (text.startsWith('`')) return text.slice(1, -1);
  try {
    return String(JSON.parse(text));
  } catch (cause) {
    throw new ViewerError('bad_request', `invalid TraceQL query: not a string: ${text}`, { cause });
  }
}

function parseDuration(text: string): number {
  const [, count, unit = ''] = /^([\d.]+)([a-zµ]+)$/.exec(text) ?? [];
  const ns = NS_PER_UNIT[unit];
  if (count === undefined || ns === undefined) {
    throw new ViewerError('bad_request', `invalid TraceQL query: not a duration: ${text}`);
  }
  return Math.round(Number(count) * ns);
}

function negate(literal: Literal | undefined): Literal | undefined {
  return literal?.type === 'number' || literal?.type === 'duration' ? { ...literal, value: -literal.value } : undefined;
}
