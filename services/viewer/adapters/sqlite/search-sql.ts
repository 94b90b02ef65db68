import type { SQLInputValue } from 'node:sqlite';
import { ViewerError } from '../../domain/errors.ts';
import type {
  CompareOp,
  Comparison,
  Condition,
  Field,
  Intrinsic,
  Literal,
  SpansetQuery,
} from '../../domain/trace-query.ts';

/** A piece of SQL with its parameters, in order. `s` is the span's row, `t` its trace's. */
export type Sql = { readonly sql: string; readonly params: readonly SQLInputValue[] };

const TRUE: Sql = { sql: '1', params: [] };
const FALSE: Sql = { sql: '0', params: [] };

/** Which traces the query matches. */
export function formatSpansets(query: SpansetQuery): Sql {
  if (query.kind !== 'filter') return join(query.kind, formatSpansets(query.left), formatSpansets(query.right));
  const { sql, params } = formatCondition(query.condition);
  return { sql: `EXISTS (SELECT 1 FROM spans s WHERE s.trace = t.trace AND s.dur_ns IS NOT NULL AND ${sql})`, params };
}

/** Which spans of a matching trace belong to the answer: those of any of the query's filters. */
export function formatMembers(query: SpansetQuery): Sql {
  if (query.kind !== 'filter') return join('or', formatMembers(query.left), formatMembers(query.right));
  return formatCondition(query.condition);
}

function formatCondition(condition: Condition): Sql {
  if (condition.kind === 'all') return TRUE;
  if (condition.kind === 'comparison') return formatComparison(condition);
  return join(condition.kind, formatCondition(condition.left), formatCondition(condition.right));
}

function join(kind: 'and' | 'or', left: Sql, right: Sql): Sql {
  return { sql: `(${left.sql} ${kind.toUpperCase()} ${right.sql})`, params: [...left.params, ...right.params] };
}

/** One comparison of a span. */
export function formatComparison({ field, op, literal }: Comparison): Sql {
  switch (field.scope) {
    case 'intrinsic':
      return formatIntrinsic(field.key, op, literal);
    case 'span':
      return formatAttribute('s.attributes', field, op, literal);
    case 'resource':
      return inResources(formatAttribute('attributes', field, op, literal));
    default: {
      const path = formatPath(field);
      const onSpan = formatAttribute('s.attributes', field, op, literal);
      const onResource = inResources(formatAttribute('attributes', field, op, literal));
      const sql = `CASE WHEN json_type(s.attributes, ?) IS NOT NULL THEN ${onSpan.sql} ELSE ${onResource.sql} END`;
      return { sql, params: [path, ...onSpan.params, ...onResource.params] };
    }
  }
}

// Evaluated once for the few resources there are, not for each span.
function inResources({ sql, params }: Sql): Sql {
  return { sql: `s.resource IN (SELECT id FROM resources WHERE ${sql})`, params };
}

function formatIntrinsic(key: Intrinsic, op: CompareOp, literal: Literal): Sql {
  if (literal.type === 'nil') return op === '!=' ? TRUE : FALSE;
  const { value } = literal;
  switch (key) {
    case 'name': {
      const { sql, params } = formatText('name', op, value);
      return { sql: `s.name IN (SELECT id FROM names WHERE ${sql})`, params };
    }
    case 'event:name': {
      const { sql, params } = formatText(`e.value ->> 'name'`, op, value);
      return { sql: `EXISTS (SELECT 1 FROM json_each(s.events) e WHERE ${sql})`, params };
    }
    case 'statusMessage':
      return formatText('s.status_message', op, value);
    case 'rootName':
      return formatText('t.root_name', op, value);
    case 'rootServiceName':
      return formatText('t.root_service', op, value);
    case 'status':
      return { sql: `s.status ${op} ?`, params: [Number(value)] };
    case 'kind':
      return { sql: `s.kind ${op} ?`, params: [Number(value)] };
    case 'duration':
      return { sql: `s.dur_ns ${op} ?`, params: [Number(value)] };
    default:
      return { sql: `(t.end_ns - t.start_ns) ${op} ?`, params: [Number(value)] };
  }
}

function formatText(expression: string, op: CompareOp, value: string | number | boolean): Sql {
  if (op === '=~') return { sql: `matches(?, ${expression})`, params: [String(value)] };
  if (op === '!~') return { sql: `NOT matches(?, ${expression})`, params: [String(value)] };
  return { sql: `${expression} ${op} ?`, params: [String(value)] };
}

/** Attributes are compared within their type only: "5" is not 5, and what is not there matches nothing but nil. */
function formatAttribute(column: string, field: Field, op: CompareOp, literal: Literal): Sql {
  const path = formatPath(field);
  const type = `json_type(${column}, ?)`;
  const value = `(${column} ->> ?)`;
  switch (literal.type) {
    case 'nil':
      return { sql: `${type} IS ${op === '=' ? '' : 'NOT '}NULL`, params: [path] };
    case 'string': {
      const text = formatText(value, op, literal.value);
      // The pattern comes before the expression in matches(?, …).
      const params = op === '=~' || op === '!~' ? [...text.params, path] : [path, ...text.params];
      return { sql: `(${type} = 'text' AND ${text.sql})`, params: [path, ...params] };
    }
    case 'number':
      return { sql: `(${type} IN ('integer', 'real') AND ${value} ${op} ?)`, params: [path, path, literal.value] };
    case 'boolean': {
      const wanted = literal.value === (op === '=') ? 'true' : 'false';
      return { sql: `${type} = '${wanted}'`, params: [path] };
    }
    default:
      throw new ViewerError('unsupported', `attributes compared with a ${literal.type} are not supported`);
  }
}

function formatPath(field: Field): string {
  if (/["\\]/.test(field.key)) throw new ViewerError('unsupported', 'attribute names with quotes are not supported');
  return `$."${field.key}"`;
}
