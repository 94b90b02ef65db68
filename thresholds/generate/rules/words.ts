import { Attr } from 'callspan/conventions';
import { Label, quote } from './promql.ts';

/** What an alert says. Texts are templates of Prometheus (https://prometheus.io/docs/prometheus/latest/configuration/template_reference/). */
export type Annotations = {
  /** What is wrong, the figure and its limit. */
  readonly summary: string;
  /** How many, since when, and what it means. */
  readonly description: string;
  readonly runbook_url: string;
  /** The page, with the calls behind it: `?traceql=…&since=…`, from the window of the alert on. */
  readonly calls_url?: string;
  readonly grafana_url?: string;
  /** Finds the spans behind it. */
  readonly traceql?: string;
};

/** Where the links of alerts lead. */
export type Links = {
  /** The viewer's page. */
  readonly pageUrl: string;
  readonly grafanaUrl: string;
  /** What stands before `CallspanServiceGone.md`. */
  readonly runbooksUrl: string;
};

/** Links of a set on one machine; runbooks are files of this repository. */
export const LOCAL_LINKS: Links = {
  pageUrl: 'http://127.0.0.1:4300',
  grafanaUrl: 'http://127.0.0.1:3300',
  runbooksUrl: 'docs/runbooks',
};

/** The runbook of an alert. */
export function runbook(alert: string, { runbooksUrl }: Links): string {
  return `${runbooksUrl}/${alert}.md`;
}

/** ` of {provider}`, where one is behind the stage. */
export const OF_PROVIDER = `{{ with $labels.${Label.provider} }}{{ if ne . "none" }} of {{ . }}{{ end }}{{ end }}`;

/** `, since {instant}`; nothing at the first evaluation, when nobody has counted yet. */
export function since(alert: string, severity: string, labels: readonly string[]): string {
  return lookUp(
    PENDING_SINCE,
    firingOf(alert, severity),
    labels,
    ', since {{ . | first | value | humanizeTimestamp }}',
  );
}

/** Series of Prometheus: when an alert's condition began to hold, seconds since 1970. */
const PENDING_SINCE = 'ALERTS_FOR_STATE';
/** A span is counted a little after it has ended: the Collector and the rules take turns. */
const COUNTED_WITHIN_MS = 60_000;

function firingOf(alert: string, severity: string): readonly string[] {
  return [`alertname=${quote(alert)}`, `severity=${quote(severity)}`];
}

/** The alert that a link belongs to, and how far back it looks. */
export type Looked = {
  readonly alert: string;
  readonly severity: string;
  /** Labels by which the alert finds itself. */
  readonly labels: readonly string[];
  readonly windowMs: number;
};

/** From when on the executions behind an alert ended: its window before its condition began to hold. ISO 8601, UTC. */
function windowStart({ alert, severity, labels, windowMs }: Looked): string {
  const matchers = matchersOf(firingOf(alert, severity), labels);
  const backS = Math.ceil((windowMs + COUNTED_WITHIN_MS) / 1000);
  // At its first evaluation an alert has no such series yet: it began now.
  const query = `(${PENDING_SINCE}{${matchers}} or on () vector(time())) - ${backS}`;
  const text = '{{ (. | first | value | toTime).UTC.Format "2006-01-02T15:04:05Z" }}';
  return `{{ with printf ${quote(query)}${valuesOf(labels)} | query }}${text}{{ end }}`;
}

function matchersOf(fixed: readonly string[], labels: readonly string[]): string {
  return [...fixed, ...labels.map((label) => `${label}=%q`)].join(',');
}

function valuesOf(labels: readonly string[]): string {
  return labels.map((label) => ` $labels.${label}`).join('');
}

/**
 * A text with the value of a series that has the same labels as the alert; nothing when there is none.
 * @param fixed matchers, already written
 * @param labels labels whose values are the alert's own
 * @param text a template in which `.` is the answer
 */
export function lookUp(metric: string, fixed: readonly string[], labels: readonly string[], text: string): string {
  const series = `${metric}{${matchersOf(fixed, labels)}}`;
  return `{{ with printf ${quote(series)}${valuesOf(labels)} | query }}${text}{{ end }}`;
}

/** Links to the spans behind an alert about executions; `condition` is TraceQL and has no template in it. */
export function spanLinks(
  condition: string,
  looked: Looked,
  links: Links,
): Pick<Annotations, 'calls_url' | 'grafana_url' | 'traceql'> {
  const service = ` && resource.service.name = %q`;
  const query = [
    `{{ $q := printf ${quote(`{ ${condition.replaceAll('%', '%%')}${service}`)} $labels.${Label.service} }}`,
    `{{ with $labels.${Label.provider} }}{{ if ne . "none" }}`,
    `{{ $q = printf ${quote(`%s && span.${Attr.providerName} = %q`)} $q . }}`,
    '{{ end }}{{ end }}{{ $q = printf "%s }" $q }}',
  ].join('');
  const pane =
    '{"a":{"datasource":"tempo","queries":[{"refId":"A","queryType":"traceql","query":%q}],"range":{"from":"now-1h","to":"now"}}}';
  return {
    calls_url: `${query}${links.pageUrl}/?traceql={{ $q | urlquery }}&since=${windowStart(looked)}`,
    grafana_url: `${query}${links.grafanaUrl}/explore?schemaVersion=1&orgId=1&panes={{ printf ${quote(pane)} $q | urlquery }}`,
    traceql: `${query}{{ $q }}`,
  };
}
