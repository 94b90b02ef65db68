import { Attr, Metric } from 'callspan/conventions';
import { labelOf, type Matcher, SpanMetric } from '../../../thresholds/generate/rules/promql.ts';
import type { Board, Row } from '../board.ts';
import { figure, lines, rows } from '../panels.ts';
import { inRange, mean, partOf, perSecond, quantile, series, share } from '../promql.ts';
import { prom, promNow, promValue, promWithCalls } from '../queries.ts';
import { providerVariable, serviceVariables } from '../variables.ts';

const OF_PROVIDER: Matcher = [Attr.providerName, '=~', '$provider'];
const BY_USE = [Attr.requestModel, Attr.stage];
const USE = `{{${labelOf(Attr.requestModel)}}} {{${labelOf(Attr.stage)}}}`;

const requests = series(partOf(Metric.genAiDuration, 'count'), OF_PROVIDER);
const tokens = series(Metric.genAiTokens, OF_PROVIDER);
/** Costs know the model, not the provider. */
const cost = series(Metric.cost);

/** Which models are asked for what, how fast they are, and what it costs. */
export function models(): Board {
  return {
    uid: 'callspan-models',
    title: 'Callspan: models, tokens and cost',
    description: 'Requests, durations, tokens and cost by model and use.',
    variables: [...serviceVariables(), providerVariable()],
    rows: [sumRow(), requestRow(), tokenRow(), costRow()],
  };
}

function sumRow(): Row {
  const stat = (title: string, unit: string, expr: string, description: string) =>
    figure({ title, unit, description, queries: [promValue(expr)], width: 6 });
  return {
    title: 'In the time shown',
    panels: [
      stat('Requests', 'short', inRange(requests), 'Model calls, all their attempts counted as one.'),
      stat('Tokens', 'short', inRange(tokens), 'Tokens as the providers counted them.'),
      stat('Cost', 'currencyUSD', inRange(cost), 'From the prices file; what has no price is not in it.'),
      stat(
        'Cost of a call',
        'currencyUSD',
        `${inRange(series(partOf(Metric.callCost, 'sum')))} / (${inRange(series(partOf(Metric.callCost, 'count')))} > 0)`,
        'Mean over calls whose every part has a price.',
      ),
    ],
  };
}

function requestRow(): Row {
  // From the spans: they lead to the calls, figures of the SDK do not.
  const duration = series(SpanMetric.bucket, [Attr.requestModel, '!=', 'none'], OF_PROVIDER);
  const firstChunk = series(partOf(Metric.genAiFirstChunk, 'bucket'), OF_PROVIDER);
  const failed = series(partOf(Metric.genAiDuration, 'count'), OF_PROVIDER, [Attr.errorType, '!=', '']);
  return {
    title: 'Requests',
    panels: [
      lines({
        title: 'Requests a minute',
        unit: 'short',
        description: 'Model calls by model and use.',
        queries: [prom(`60 * ${perSecond(requests, ...BY_USE)}`, USE)],
      }),
      lines({
        title: 'Failed requests',
        unit: 'percentunit',
        description: 'Share of model calls that failed after all their attempts.',
        queries: [prom(share(perSecond(failed, ...BY_USE), perSecond(requests, ...BY_USE)), USE)],
      }),
      lines({
        title: 'Duration',
        unit: 'ms',
        description: 'The slowest of twenty model calls takes longer. Points are calls.',
        queries: [promWithCalls(quantile(0.95, duration, ...BY_USE), `p95 ${USE}`)],
      }),
      lines({
        title: 'Time to first content',
        unit: 's',
        description: 'From the request to the first piece of the answer, 95th percentile: what a caller waits for.',
        queries: [prom(quantile(0.95, firstChunk, ...BY_USE), `p95 ${USE}`)],
      }),
      lines({
        title: 'Extractions a minute',
        unit: 'short',
        description: 'Extractions of the form by result: valid, invalid against the schema, failed.',
        queries: [prom(`60 * ${perSecond(series(Metric.extractionCount), 'result')}`, '{{result}}')],
        isStacked: true,
      }),
      rows({
        title: 'By model and use',
        unit: 'short',
        description: 'Model calls, tokens and cost in the time shown.',
        queries: [
          promNow(inRange(requests, ...BY_USE), 'requests'),
          promNow(inRange(tokens, ...BY_USE), 'tokens'),
          promNow(inRange(cost, ...BY_USE), 'USD'),
        ],
        columns: ['requests', 'tokens', 'cost (USD)'],
      }),
    ],
  };
}

function tokenRow(): Row {
  const type = labelOf(Attr.tokenType);
  return {
    title: 'Tokens',
    panels: [
      lines({
        title: 'Tokens a minute, by kind',
        unit: 'short',
        description: 'Input, output and what else the providers count.',
        queries: [prom(`60 * ${perSecond(tokens, Attr.tokenType)}`, `{{${type}}}`)],
        isStacked: true,
      }),
      lines({
        title: 'Tokens of a request',
        unit: 'short',
        description: 'Mean tokens of a request by model and use: it grows with the length of the conversation.',
        queries: [prom(`${perSecond(tokens, ...BY_USE)} / (${perSecond(requests, ...BY_USE)} > 0)`, USE)],
      }),
    ],
  };
}

function costRow(): Row {
  const model = labelOf(Attr.requestModel);
  return {
    title: 'Cost',
    panels: [
      lines({
        title: 'Cost an hour, by model',
        unit: 'currencyUSD',
        description: 'At the rate of now.',
        queries: [prom(`3600 * ${perSecond(cost, Attr.requestModel)}`, `{{${model}}}`)],
        isStacked: true,
        width: 8,
      }),
      lines({
        title: 'Cost an hour, by part',
        unit: 'currencyUSD',
        description: 'Transcription, language model, speech, carrier.',
        queries: [prom(`3600 * ${perSecond(cost, 'component')}`, '{{component}}')],
        isStacked: true,
        width: 8,
      }),
      lines({
        title: 'Cost of a call',
        unit: 'currencyUSD',
        description: 'Mean and 95th percentile over calls whose every part has a price.',
        queries: [
          prom(mean(series(partOf(Metric.callCost, 'sum')), series(partOf(Metric.callCost, 'count'))), 'mean'),
          prom(quantile(0.95, series(partOf(Metric.callCost, 'bucket'))), 'p95'),
        ],
        width: 8,
      }),
    ],
  };
}
