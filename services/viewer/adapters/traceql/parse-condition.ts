import type { SyntaxNode } from '@lezer/common';
import { ViewerError } from '../../domain/errors.ts';
import type { CompareOp, Comparison, Condition, Field, Intrinsic, Literal } from '../../domain/trace-query.ts';
import { createLinearPattern } from '../../linear-pattern.ts';
import { parseLiteral } from './parse-literal.ts';
import { listChildren, readText, refuse, type Source } from './source.ts';

const OPS: readonly string[] = ['=', '!=', '<', '<=', '>', '>=', '=~', '!~'] satisfies CompareOp[];
const MIRRORED: Readonly<Partial<Record<CompareOp, CompareOp>>> = {
  '=': '=',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  name: 'name',
  'span:name': 'name',
  status: 'status',
  'span:status': 'status',
  statusMessage: 'statusMessage',
  'span:statusMessage': 'statusMessage',
  kind: 'kind',
  'span:kind': 'kind',
  duration: 'duration',
  'span:duration': 'duration',
  rootName: 'rootName',
  'trace:rootName': 'rootName',
  rootServiceName: 'rootServiceName',
  'trace:rootService': 'rootServiceName',
  traceDuration: 'traceDuration',
  'trace:duration': 'traceDuration',
  'event:name': 'event:name',
};

/** A condition inside `{…}`. @throws ViewerError */
export function parseCondition(node: SyntaxNode, source: Source): Condition {
  const children = listChildren(node);
  const [left, operator, right] = children;
  if (left && operator && right && children.length === 3) {
    if (operator.name === 'And' || operator.name === 'Or') {
      const kind = operator.name === 'And' ? 'and' : 'or';
      return { kind, left: parseCondition(left, source), right: parseCondition(right, source) };
    }
    return parseComparison({ node, left, operator, right }, source);
  }
  if (left?.name === 'FieldExpression' && children.length === 1 && readText(source, node).startsWith('(')) {
    return parseCondition(left, source);
  }
  if (left?.name === 'Static' && readText(source, node) === 'true') return { kind: 'all' };
  return refuse(source, node);
}

type Parts = Readonly<Record<'node' | 'left' | 'operator' | 'right', SyntaxNode>>;

function parseComparison({ node, left, operator, right }: Parts, source: Source): Comparison {
  const op = readText(source, operator);
  if (!isCompareOp(op)) refuse(source, node);
  const [field, other, isMirrored] = isField(left) ? [left, right, false] : [right, left, true];
  if (!isField(field) || isField(other)) refuse(source, node);
  const literal = parseLiteral(other, source);
  const usedOp = isMirrored ? MIRRORED[op] : op;
  if (!literal || !usedOp) refuse(source, node);
  const comparison: Comparison = { kind: 'comparison', field: parseField(field, source), op: usedOp, literal };
  refuseMixedTypes(comparison, readText(source, node));
  return comparison;
}

function isCompareOp(op: string): op is CompareOp {
  return OPS.includes(op);
}

function isField(node: SyntaxNode): boolean {
  const inner = node.name === 'FieldExpression' ? node.firstChild : node;
  return inner?.name === 'AttributeField' || inner?.name === 'IntrinsicField';
}

/** A field: `span.key`, `resource.key`, `.key`, or an intrinsic. @throws ViewerError `unsupported` for other scopes */
export function parseField(node: SyntaxNode, source: Source): Field {
  const inner = node.name === 'FieldExpression' ? (node.firstChild ?? node) : node;
  const text = readText(source, inner);
  if (inner.name === 'IntrinsicField') {
    const key = INTRINSICS[text];
    return key ? { scope: 'intrinsic', key } : refuse(source, inner);
  }
  const identifier = inner.getChild('Identifier');
  if (inner.name !== 'AttributeField' || !identifier) refuse(source, inner);
  const key = unquote(readText(source, identifier));
  if (inner.firstChild?.name === 'Span') return { scope: 'span', key };
  if (inner.firstChild?.name === 'Resource') return { scope: 'resource', key };
  return text.startsWith('.') ? { scope: 'any', key } : refuse(source, inner);
}

function unquote(key: string): string {
  return key.startsWith('"') && key.endsWith('"') ? key.slice(1, -1) : key;
}

function refuseMixedTypes({ field, op, literal }: Comparison, text: string): void {
  const isPattern = op === '=~' || op === '!~';
  if (isPattern) checkPattern(literal, text);
  const isEquality = op === '=' || op === '!=';
  const fits =
    field.scope === 'intrinsic'
      ? fitsIntrinsic(field.key, literal)
      : literal.type !== 'status' && literal.type !== 'kind';
  const isOrdered = literal.type === 'string' || literal.type === 'number' || literal.type === 'duration';
  if (fits && (isEquality || isOrdered)) return;
  throw new ViewerError(
    'bad_request',
    `invalid TraceQL query: binary operations must operate on the same type: ${text}`,
  );
}

function fitsIntrinsic(key: Intrinsic, { type }: Literal): boolean {
  if (type === 'nil') return true;
  if (key === 'status' || key === 'kind') return type === key;
  if (key === 'duration' || key === 'traceDuration') return type === 'duration' || type === 'number';
  return type === 'string';
}

function checkPattern(literal: Literal, text: string): void {
  if (literal.type !== 'string') {
    throw new ViewerError('bad_request', `invalid TraceQL query: a pattern must be a string: ${text}`);
  }
  createLinearPattern(literal.value);
}
