import { z } from 'zod';
import { isOurs, type ListedRule } from './rule-list.ts';

/** A Prometheus that does not answer as one. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

const Labels = z.record(z.string(), z.string()).default({});
const Rule = z.object({
  type: z.enum(['alerting', 'recording']),
  name: z.string(),
  query: z.string(),
  duration: z.number().default(0),
  keepFiringFor: z.number().default(0),
  labels: Labels,
  annotations: Labels,
});
const Rules = z.object({
  data: z.object({
    groups: z.array(z.object({ name: z.string(), interval: z.number(), rules: z.array(Rule) })),
  }),
});
const Formatted = z.object({ data: z.string() });

const TIMEOUT_MS = 10_000;

/**
 * The rules of Callspan that a Prometheus evaluates (`GET /api/v1/rules`), with their expressions as it writes them.
 * @throws UnreachableError
 */
export async function fetchRunningRules(url: string): Promise<readonly ListedRule[]> {
  const { data } = await ask(url, 'api/v1/rules', Rules);
  return data.groups.filter(isOurs).flatMap(({ name: group, interval, rules }) =>
    rules.map(
      ({ type, name, query, duration, keepFiringFor, labels, annotations }): ListedRule => ({
        group,
        kind: type === 'alerting' ? 'alert' : 'record',
        name,
        labels,
        expr: query,
        forMs: Math.round(duration * 1000),
        keepFiringForMs: Math.round(keepFiringFor * 1000),
        intervalMs: Math.round(interval * 1000),
        annotations,
      }),
    ),
  );
}

/**
 * Writes an expression as this Prometheus writes it (`GET /api/v1/format_query`), so that two spellings of the same are
 * the same text.
 * @throws UnreachableError where it is no PromQL, too
 */
export async function formatExpression(url: string, expr: string): Promise<string> {
  const { data } = await ask(url, `api/v1/format_query?${new URLSearchParams({ query: expr })}`, Formatted);
  return data;
}

async function ask<T extends z.ZodType>(url: string, path: string, answer: T): Promise<z.output<T>> {
  const address = `${url.replace(/\/+$/, '')}/${path}`;
  const where = address.split('?')[0];
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new UnreachableError(`${where} answers ${response.status}`);
    return answer.parse(await response.json());
  } catch (error) {
    if (error instanceof UnreachableError) throw error;
    const reason =
      error instanceof z.ZodError || error instanceof SyntaxError ? 'answers not as Prometheus' : 'does not answer';
    throw new UnreachableError(`${where} ${reason}`, { cause: error });
  }
}
