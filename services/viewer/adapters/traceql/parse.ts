import { parser } from '@grafana/lezer-traceql';
import type { SyntaxNode, Tree } from '@lezer/common';
import { ViewerError } from '../../domain/errors.ts';
import { countLeaves, type SpansetQuery, type TraceQuery } from '../../domain/trace-query.ts';
import { parseCondition, parseField } from './parse-condition.ts';
import { listChildren, refuse, type Source } from './source.ts';

const MAX_LENGTH = 4096;
/** SQLite takes 1000 levels of expression; nobody writes more comparisons (or `{}`, or `true`) than this. */
const MAX_LEAVES = 32;

/**
 * Reads a TraceQL search: filters `{…}` joined by `&&` and `||`, and `| select(…)`. An empty query is `{}`.
 * @throws ViewerError `bad_request` for what is not TraceQL, `unsupported` for what is, but is not answered here
 */
export function parseTraceQuery(text: string): TraceQuery {
  if (text.length > MAX_LENGTH)
    throw new ViewerError('bad_request', `the query is longer than ${MAX_LENGTH} characters`);
  if (text.trim() === '') return { spansets: { kind: 'filter', condition: { kind: 'all' } }, select: [] };
  const tree = parser.parse(text);
  const source: Source = { text };
  refuseErrors(tree, source);
  const parts = listChildren(tree.topNode);
  const [expression] = parts;
  if (!expression || parts.length > 1) refuse(source, parts[1] ?? tree.topNode);
  const query = parsePipeline(expression, source);
  if (countLeaves(query.spansets) > MAX_LEAVES) {
    throw new ViewerError('bad_request', `the query has too many parts: more than ${MAX_LEAVES} comparisons`);
  }
  return query;
}

function refuseErrors(tree: Tree, { text }: Source): void {
  let from = -1;
  tree.iterate({
    enter(node) {
      if (node.type.isError && from === -1) from = node.from;
    },
  });
  if (from === -1) return;
  const before = text.slice(0, from).split('\n');
  const where = `line ${before.length}, col ${(before.at(-1)?.length ?? 0) + 1}`;
  const unexpected = text.slice(from).trim().split(/\s/, 1)[0] || 'end';
  throw new ViewerError(
    'bad_request',
    `invalid TraceQL query: parse error at ${where}: syntax error: unexpected ${unexpected}`,
  );
}

function parsePipeline(node: SyntaxNode, source: Source): TraceQuery {
  const children = listChildren(node);
  const [left, operator, right] = children;
  if (node.name !== 'SpansetPipelineExpression' || operator?.name !== 'Pipe' || !left || !right) {
    return { spansets: parseSpansets(node, source), select: [] };
  }
  const before = parsePipeline(left, source);
  const stage = findOnly(right);
  if (stage.name !== 'SelectOperation') refuse(source, stage);
  return { ...before, select: [...before.select, ...parseSelect(stage, source)] };
}

function parseSelect(node: SyntaxNode, source: Source): TraceQuery['select'] {
  return listChildren(node).flatMap((child) => {
    if (child.name === 'SelectArgs') return parseSelect(child, source);
    return [parseField(findOnly(child), source)];
  });
}

function parseSpansets(node: SyntaxNode, source: Source): SpansetQuery {
  const children = listChildren(node);
  if (node.name === 'SpansetFilter') {
    const [condition] = children;
    return { kind: 'filter', condition: condition ? parseCondition(condition, source) : { kind: 'all' } };
  }
  const [first, operator, right] = children;
  if (first && children.length === 1) return parseSpansets(first, source);
  if (!first || !operator || !right || children.length > 3) refuse(source, node);
  if (operator.name !== 'And' && operator.name !== 'Or') refuse(source, operator);
  return {
    kind: operator.name === 'And' ? 'and' : 'or',
    left: parseSpansets(first, source),
    right: parseSpansets(right, source),
  };
}

/** The node that says something inside nodes that only wrap it. */
function findOnly(node: SyntaxNode): SyntaxNode {
  const children = listChildren(node);
  const [only] = children;
  const wraps = ['SpansetPipelineExpression', 'SpansetPipeline', 'FieldExpression'].includes(node.name);
  return wraps && only && children.length === 1 ? findOnly(only) : node;
}
