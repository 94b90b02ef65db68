import { DataqueryBuilder as LokiQuery, LokiQueryType } from '@grafana/grafana-foundation-sdk/loki';
import { DataqueryBuilder as PrometheusQuery, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { SearchTableType, DataqueryBuilder as TempoQuery } from '@grafana/grafana-foundation-sdk/tempo';

/** Variables of every board that name its data sources; a board can be pointed at others by hand. */
export const SOURCE_VARIABLES = { prometheus: 'metrics', loki: 'logs', tempo: 'traces' } as const;

/** The data source of a query: the variable of its kind. */
export function sourceOf(type: keyof typeof SOURCE_VARIABLES): { readonly type: string; readonly uid: string } {
  return { type, uid: `\${${SOURCE_VARIABLES[type]}}` };
}

/** PromQL over the time that the board shows. */
export function prom(expr: string, legend = ''): PrometheusQuery {
  return new PrometheusQuery().datasource(sourceOf('prometheus')).expr(expr).legendFormat(legend).range();
}

/** PromQL with the calls behind it: its histogram's exemplars are drawn as points that lead to Tempo. */
export function promWithCalls(expr: string, legend = ''): PrometheusQuery {
  return prom(expr, legend).exemplar(true);
}

/** PromQL now: one row a series, for tables and figures. */
export function promNow(expr: string, legend = ''): PrometheusQuery {
  const query = new PrometheusQuery().datasource(sourceOf('prometheus')).expr(expr).legendFormat(legend).instant();
  return query.format(PromQueryFormat.Table);
}

/** One figure of now. */
export function promValue(expr: string, legend = ''): PrometheusQuery {
  return new PrometheusQuery().datasource(sourceOf('prometheus')).expr(expr).legendFormat(legend).instant();
}

/** Log lines, or a figure of them over time. */
export function logs(expr: string, legend = ''): LokiQuery {
  return lokiQuery(expr, legend, LokiQueryType.Range);
}

/** A figure of log lines now. */
export function logsNow(expr: string, legend = ''): LokiQuery {
  return lokiQuery(expr, legend, LokiQueryType.Instant);
}

function lokiQuery(expr: string, legend: string, type: LokiQueryType): LokiQuery {
  return new LokiQuery().datasource(sourceOf('loki')).expr(expr).legendFormat(legend).queryType(type);
}

/** TraceQL that finds traces, newest first. */
export function traces(traceql: string, limit = 50): TempoQuery {
  return searchOf(traceql, limit).tableType(SearchTableType.Traces);
}

/** TraceQL that finds spans, with what the query selects of them. */
export function spans(traceql: string, limit = 200): TempoQuery {
  return searchOf(traceql, limit).tableType(SearchTableType.Spans).spss(20);
}

function searchOf(traceql: string, limit: number): TempoQuery {
  return new TempoQuery().datasource(sourceOf('tempo')).queryType('traceql').query(traceql).limit(limit).filters([]);
}
