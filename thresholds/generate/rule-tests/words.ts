import { formatDuration } from '../../durations.ts';
import type { Thresholds } from '../../model.ts';
import { Label, quote } from '../rules/promql.ts';
import type { Links } from '../rules/words.ts';
import { executionSeries, firingOf, stepsOf } from './limit-cases.ts';
import { evaluationFrom, STEP_MS, type TestGroup, testGroup } from './test-file.ts';

const ALERT = 'CallspanLimitCritical';
const PROVIDER = 'some_provider';

/** What somebody who is woken reads, word for word; of the first limit that is for every provider. */
export function wordTests({ limits, evaluationMs }: Thresholds, links: Links): readonly TestGroup[] {
  const limit = limits.find(({ provider }) => provider === undefined);
  if (!limit) return [];
  const ofProvider = { ...limit, provider: PROVIDER };
  const by = Math.max(1, limit.minExecutions);
  const each = { executions: by, overWarning: by, overCritical: by };
  const { forMs, share } = limit.critical;
  const sinceMs = evaluationFrom(STEP_MS, evaluationMs);
  // One evaluation after it began to fire: since when is known only then.
  const atMs = sinceMs + evaluationFrom(forMs, evaluationMs) + evaluationMs;
  const executions = by * Math.floor(Math.min(atMs, limit.windowMs - STEP_MS) / STEP_MS);
  const query = `{ span.voice.stage = ${quote(limit.stage)} && duration > ${limit.criticalMs}ms && resource.service.name = "bot" && span.gen_ai.provider.name = ${quote(PROVIDER)} }`;
  const { alertname, ...labels } = firingOf(ofProvider, ALERT);
  const annotations = {
    summary: `${limit.stage} of ${PROVIDER} in bot is slow: 100% took over ${limit.criticalMs} ms (allowed: ${Number((share * 100).toFixed(3))}%)`,
    description: `${executions} executions in the last ${formatDuration(limit.windowMs)}, since ${sinceWords(sinceMs)}.`,
    runbook_url: `${links.runbooksUrl}/${ALERT}.md`,
    // The window before that, and a minute in which what has ended is counted.
    ...linkWords({ query, fromMs: sinceMs - limit.windowMs - 60_000 }, links),
  };
  const group = testGroup(
    'the words of an alert: what is slow, the figure, the limit, how many, since when, and the links',
    executionSeries(ofProvider, [limit], [{ steps: stepsOf(atMs) + 2, each }]),
    [],
  );
  return [
    {
      ...group,
      alert_rule_test: [
        {
          eval_time: formatDuration(atMs),
          alertname,
          exp_alerts: [{ exp_labels: { ...labels, [Label.service]: 'bot' }, exp_annotations: annotations }],
        },
      ],
    },
  ];
}

/** An instant as the words of an alert have it. */
export function sinceWords(atMs: number): string {
  const text = new Date(atMs)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.(\d+)Z$/, (_, ms) => (Number(ms) ? `.${ms}` : ''));
  return `${text} +0000 UTC`;
}

/** The links of an alert to spans. @param fromMs from when on the executions behind it ended */
export function linkWords({ query, fromMs }: { readonly query: string; readonly fromMs: number }, links: Links) {
  const panes = `{"a":{"datasource":"tempo","queries":[{"refId":"A","queryType":"traceql","query":${quote(query)}}],"range":{"from":"now-1h","to":"now"}}}`;
  const from = new Date(fromMs).toISOString().replace(/\.\d+Z$/, 'Z');
  return {
    calls_url: `${links.pageUrl}/?${new URLSearchParams({ traceql: query })}&since=${from}`,
    grafana_url: `${links.grafanaUrl}/explore?${new URLSearchParams({ schemaVersion: '1', orgId: '1', panes })}`,
    traceql: query,
  } as const;
}
