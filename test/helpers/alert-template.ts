/** What a template of an alert may ask for: its labels, and Prometheus, which answers a query with one number. */
export type AlertData = {
  readonly labels: Readonly<Record<string, string>>;
  readonly query: (expr: string) => number;
};

type Scope = { readonly data: AlertData; readonly variables: Map<string, string>; readonly dot: string };
type Token = { readonly text: string } | { readonly action: string };

/**
 * Fills in a template of an alert as Prometheus does (https://prometheus.io/docs/prometheus/latest/configuration/template_reference/).
 * Knows what the templates of links are made of. @throws Error for anything else
 */
export function fillTemplate(template: string, data: AlertData): string {
  const tokens = [...template.matchAll(/\{\{ (.+?) \}\}|((?:(?!\{\{ ).)+)/gs)].map(
    ([, action, text]): Token => (action === undefined ? { text: text ?? '' } : { action }),
  );
  return runBlock(tokens, { data, variables: new Map(), dot: '' });
}

/** Runs and takes away tokens up to the end of their block. */
function runBlock(tokens: Token[], scope: Scope): string {
  let text = '';
  for (let token = tokens.shift(); token; token = tokens.shift()) {
    if ('text' in token) text += token.text;
    else if (token.action === 'end') return text;
    else text += runAction(token.action, tokens, scope);
  }
  return text;
}

function runAction(action: string, tokens: Token[], scope: Scope): string {
  const [, variable, value] = /^(\$\w+) :?= (.+)$/.exec(action) ?? [];
  if (variable !== undefined && value !== undefined) {
    scope.variables.set(variable, evaluate(value, scope));
    return '';
  }
  const [, given] = /^with (.+)$/.exec(action) ?? [];
  if (given !== undefined) {
    const dot = evaluate(given, scope);
    const inside = runBlock(tokens, { ...scope, dot });
    return dot === '' ? '' : inside;
  }
  const [, unwanted] = /^if ne \. "(.*)"$/.exec(action) ?? [];
  if (unwanted !== undefined) {
    const variables = new Map(scope.variables);
    const inside = runBlock(tokens, { ...scope, variables });
    if (scope.dot === unwanted) return '';
    for (const [name, changed] of variables) scope.variables.set(name, changed);
    return inside;
  }
  return evaluate(action, scope);
}

function evaluate(expression: string, scope: Scope): string {
  if (expression === '(. | first | value | toTime).UTC.Format "2006-01-02T15:04:05Z"') {
    return new Date(Number(scope.dot) * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
  }
  const [, piped, filter] = /^(.+) \| (\w+)$/.exec(expression) ?? [];
  if (piped !== undefined && filter === 'urlquery') {
    return new URLSearchParams({ q: evaluate(piped, scope) }).toString().slice(2);
  }
  if (piped !== undefined && filter === 'query') return String(scope.data.query(evaluate(piped, scope)));
  if (expression.startsWith('printf ')) return print(expression.slice(7), scope);
  if (expression === '.') return scope.dot;
  if (expression.startsWith('$labels.')) return scope.data.labels[expression.slice(8)] ?? '';
  const variable = scope.variables.get(expression);
  if (variable === undefined) throw new Error(`not a part of templates that is known here: ${expression}`);
  return variable;
}

function print(args: string, scope: Scope): string {
  const [, format = '', rest = ''] = /^("(?:[^"\\]|\\.)*")(.*)$/.exec(args) ?? [];
  const values = rest
    .trim()
    .split(' ')
    .filter((arg) => arg !== '');
  const given = values.map((arg) => evaluate(arg, scope));
  return String(JSON.parse(format)).replace(/%([qs%])/g, (_, verb) => {
    if (verb === '%') return '%';
    const value = given.shift() ?? '';
    return verb === 'q' ? JSON.stringify(value) : value;
  });
}
