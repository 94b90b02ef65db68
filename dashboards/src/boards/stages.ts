import { Attr, SpanName } from 'callspan/conventions';
import { errorRecordsOf } from '../../../thresholds/generate/rules/errors.ts';
import { matchersOf, recordsOf } from '../../../thresholds/generate/rules/limit-records.ts';
import { Label, type Matcher, SPAN_ERROR, SpanMetric } from '../../../thresholds/generate/rules/promql.ts';
import type { Limit } from '../../../thresholds/model.ts';
import type { Board, Row } from '../board.ts';
import { lines, rows } from '../panels.ts';
import { exploreTraces } from '../places.ts';
import { perSecond, quantile, recorded, series, share } from '../promql.ts';
import { prom, promNow, promWithCalls } from '../queries.ts';
import { serviceVariables, stageVariables } from '../variables.ts';
import { type BoardContext, runbookLink } from './context.ts';

const CHOSEN: readonly Matcher[] = [
  [Label.stage, '=~', '$stage'],
  [Label.provider, '=~', '$provider'],
];
const BY = [Attr.stage, Attr.providerName];
const LEGEND = '{{voice_stage}} {{gen_ai_provider_name}}';

/** Each step of a call and who does it: rate, errors and duration, against its own limits. */
export function stagesAndProviders(context: BoardContext): Board {
  return {
    uid: 'callspan-stages',
    title: 'Callspan: stages and providers',
    description: 'Rate, errors and durations of each step of a call, by provider, against its limits.',
    variables: [...serviceVariables(), ...stageVariables()],
    rows: [allRow(context), ...context.limits.map((limit) => limitRow(limit, context))],
  };
}

function allRow(context: BoardContext): Row {
  const all = perSecond(series(SpanMetric.calls, ...CHOSEN), ...BY);
  const failed = perSecond(series(SpanMetric.calls, ...CHOSEN, [Label.spanStatus, '=', SPAN_ERROR]), ...BY);
  return {
    title: 'All stages',
    panels: [
      lines({
        title: 'Executions',
        unit: 'ops',
        description: 'How often a second each step runs, by provider; `none` has no provider.',
        queries: [prom(all, LEGEND)],
        width: 8,
      }),
      lines({
        title: 'Failed executions',
        unit: 'percentunit',
        description: 'Share of executions that failed. A caller who hangs up or interrupts is no failure.',
        queries: [prom(share(failed, all), LEGEND)],
        links: runbookLink(context, 'CallspanStageErrorsCritical'),
        width: 8,
      }),
      lines({
        title: 'Durations',
        unit: 'ms',
        description: 'The slowest of twenty executions takes longer. Points are calls: click one to open it.',
        queries: [promWithCalls(quantile(0.95, series(SpanMetric.bucket, ...CHOSEN), ...BY), `p95 ${LEGEND}`)],
        width: 8,
      }),
      nowTable(context),
      lines({
        title: 'Attempts that had to be repeated',
        unit: 'ops',
        description:
          'Attempts a second of model calls that needed more than one: what a provider’s errors cost before they are seen.',
        queries: [
          prom(
            perSecond(series(SpanMetric.calls, ['span_name', '=', SpanName.modelAttempt]), Attr.serviceName),
            '{{service_name}}',
          ),
        ],
      }),
    ],
  };
}

function nowTable({ limits }: BoardContext) {
  // Rows with windows of their own are recorded under names of their own.
  const names = [...new Set(limits.map((limit) => recordsOf(limit).overRatio))].join('|');
  const over = (level: string) => recorded('', ['__name__', '=~', names], ...CHOSEN, ['level', '=', level]);
  return rows({
    title: 'Shares over each limit, now',
    unit: 'percentunit',
    description: 'What the rules that alarm have counted last, at exact bounds, in all environments.',
    queries: [
      promNow(`sum without (level) (${over('critical')})`, 'critical'),
      promNow(`sum without (level) (${over('warning')})`, 'warning'),
    ],
    columns: ['over critical', 'over warning'],
  });
}

function limitRow(limit: Limit, context: BoardContext): Row {
  const { id, stage } = limit;
  const matchers = matchersOf(limit);
  const traceql = `{ span.${Attr.stage} = "${stage}" && duration > ${limit.criticalMs}ms }`;
  const ofProvider: Matcher = [Label.provider, '=~', '$provider'];
  const buckets = series(SpanMetric.bucket, ...matchers, ofProvider);
  const over = recorded(recordsOf(limit).overRatio, ['limit', '=', id], ofProvider);
  const errors = recorded(errorRecordsOf(limit).ratio, ['limit', '=', id], ofProvider);
  const ofLimit = { ...runbookLink(context, 'CallspanLimitCritical'), 'Slow ones in Tempo': exploreTraces(traceql) };
  return {
    title: `Limit: ${id}`,
    isClosed: true,
    panels: [
      lines({
        title: `${id}: durations`,
        unit: 'ms',
        description: `Durations of ${stage} with the warning (${limit.warningMs} ms) and the critical limit (${limit.criticalMs} ms). Points are calls.`,
        queries: [0.5, 0.95].map((q) =>
          promWithCalls(quantile(q, buckets, Attr.providerName), `p${q * 100} {{gen_ai_provider_name}}`),
        ),
        limit: context.lines[id],
        links: ofLimit,
      }),
      lines({
        title: `${id}: share over the limits`,
        unit: 'percentunit',
        description: `Share of executions of ${stage} over each limit, counted at its exact bound in all environments${limit.errors ? ', and share that failed' : ''}.`,
        queries: [
          prom(over, '{{level}} {{gen_ai_provider_name}}'),
          ...(limit.errors ? [prom(errors, 'failed {{gen_ai_provider_name}}')] : []),
        ],
        links: ofLimit,
      }),
    ],
  };
}
