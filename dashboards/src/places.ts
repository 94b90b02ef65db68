import { SpanName } from 'callspan/conventions';

/**
 * Where the boards lead when nothing else is said, as variables of `readLinks`: to the viewer as docker compose publishes
 * it, and to the runbooks that Grafana itself serves from a folder (docker-compose.yml puts them there).
 */
export const STACK_ENV = {
  CALLSPAN_PAGE_URL: 'http://127.0.0.1:14300',
  CALLSPAN_RUNBOOKS_URL: '/public/callspan-runbooks',
} as const;

/** Grafana's Explore with a question to Tempo. */
export function exploreTraces(traceql: string): string {
  return explore('tempo', { queryType: 'traceql', query: traceql, limit: 50, tableType: 'traces' });
}

/** Grafana's Explore with a question to Loki: its button "Live" follows the lines as they come. */
export function exploreLogs(logql: string): string {
  return explore('loki', { queryType: 'range', expr: logql });
}

/** The calls of the last hour in Tempo. */
export const CALLS_IN_TEMPO = exploreTraces(`{ name = "${SpanName.call}" }`);

function explore(datasource: string, query: object): string {
  const panes = {
    callspan: { datasource, queries: [{ refId: 'A', ...query }], range: { from: 'now-1h', to: 'now' } },
  };
  return `/explore?schemaVersion=1&orgId=1&panes=${encodeURIComponent(JSON.stringify(panes))}`;
}
